/** A question with numbered answers: the digit alone answers, Escape takes it back. */

import { byId } from "../dom.js";

const A_PERSON = 80;

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
    let waiting;
    const onKey = (event) => {
      // A scanner types on: what another key follows at once is no answer of a person.
      clearTimeout(waiting);
      const button = buttons.find((one) => one.dataset.key === event.key.toLowerCase());
      if (!button) return;
      event.preventDefault();
      waiting = setTimeout(() => pick(button), A_PERSON);
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
        clearTimeout(waiting);
        dialog.removeEventListener("keydown", onKey);
        dialog.removeEventListener("click", onClick);
        resolve(chosen);
      },
      { once: true },
    );
    dialog.showModal();
  });
