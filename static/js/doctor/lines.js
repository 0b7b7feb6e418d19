/** What the two lists of lines share: fields that write into the state, removal, choice of an illness. */

import { words } from "../dom.js";
import { illnessLabel } from "../people.js";

/** Wire the fields of one line: `changed(line, field)` after each keystroke, `removed(line)`. */
export const wire = (element, line, { changed, removed }) => {
  for (const control of element.querySelectorAll("[data-field]")) {
    control.addEventListener("input", () => {
      line[control.dataset.field] = control.type === "checkbox" ? control.checked : control.value;
      changed(line, control.dataset.field);
    });
    if (control.tagName === "INPUT") control.addEventListener("focus", () => control.select?.());
  }
  // The whole line is left: what it lacks may now be said.
  element.addEventListener("focusout", (event) => {
    if (element.contains(event.relatedTarget) || !element.isConnected) return;
    line.touched = true;
    changed(line, "");
  });
  element.querySelector('[data-act="remove"]').addEventListener("click", () => removed(line));
};

/** Offer the patient's illnesses to a line. */
export const offerIllnesses = (element, line, illnesses) => {
  const select = element.querySelector('[data-field="illness"]');
  select.replaceChildren(
    new Option(words("noIllness"), ""),
    ...(illnesses ?? []).map((illness) => new Option(illnessLabel(illness), illness.code)),
  );
  select.value = line.illness;
};

/** Show the state in the controls of a line, except the one being typed in. */
export const showFields = (element, line) => {
  for (const control of element.querySelectorAll("[data-field]")) {
    const value = line[control.dataset.field];
    if (control.type === "checkbox") control.checked = value;
    else if (control !== document.activeElement && control.value !== String(value)) control.value = value;
  }
};
