/** A question to the prescriber about the current line, without leaving the counter. */

import { newKey, post } from "../api.js";
import { byId, words } from "../dom.js";
import { tell, tellRefusal } from "../notices.js";
import { nameOf } from "../session.js";

const send = async (prescription, body, key) => {
  try {
    const sent = await post(`prescriptions/${prescription.fse_number}/requests`, body, { key });
    tell({ what: words("asked", { name: nameOf(sent.prescriber) }), state: "paid", about: "asking" });
  } catch (error) {
    tellRefusal(error, { about: "asking", retry: () => send(prescription, body, key) });
  }
};

/** Open the question; `position` null asks about the whole prescription. */
export const askPrescriber = (prescription, provider, position) => {
  const dialog = byId("asking");
  const form = byId("asking-form");
  form.reset();
  const whole = position === null;
  byId("asking-line").textContent = whole
    ? words("askingWhole")
    : (prescription.items.find((item) => item.position === position)?.medicine.name ?? "");
  form.onsubmit = (event) => {
    event.preventDefault();
    const { kind, body } = Object.fromEntries(new FormData(form));
    dialog.close();
    send(prescription, { provider, kind, position, body: body.trim() }, newKey());
  };
  dialog.showModal();
};
