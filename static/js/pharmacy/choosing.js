/** A question with numbered answers: the digit alone answers, Escape takes it back. */

import { byId } from "../dom.js";

/** Ask with a dialog of numbered buttons; the value chosen, or null. */
export const choose = (id) =>
  new Promise((resolve) => {
    const dialog = byId(id);
    const buttons = [...dialog.querySelectorAll("button[value]")];
    let chosen = null;
    const pick = (button) => {
      chosen = button.value;
      dialog.close();
    };
    const onKey = (event) => {
      const button = buttons.find((one) => one.dataset.key === event.key.toLowerCase());
      if (!button || event.target.matches("textarea, input")) return;
      event.preventDefault();
      pick(button);
    };
    const onClick = (event) => {
      const button = event.target.closest("button[value]");
      if (button) pick(button);
    };
    dialog.addEventListener("keydown", onKey);
    dialog.addEventListener("click", onClick);
    dialog.addEventListener(
      "close",
      () => {
        dialog.removeEventListener("keydown", onKey);
        dialog.removeEventListener("click", onClick);
        resolve(chosen);
      },
      { once: true },
    );
    dialog.showModal();
  });
