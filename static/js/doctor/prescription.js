/** The lines of the prescription: search a medicine, its dose, its duration, its boxes. */

import { combobox } from "../combobox.js";
import { byId, copy, fill, keepRows, words } from "../dom.js";
import { today } from "../days.js";
import { boxesNeeded, coverOf, searchMedicines } from "../medicines.js";
import { dirhams } from "../money.js";
import { tellRefusal } from "../notices.js";
import { dosesOf, medicineFault } from "./consultation.js";
import { offerIllnesses, showFields, wire } from "./lines.js";

const MOVES_BOXES = new Set(["morning", "noon", "evening", "days"]);

const option = (medicine) => {
  const cover = coverOf(medicine);
  const { name, detail } = medicine;
  return copy("t-medicine-option", { name, detail, price: cover.price, uncovered: !cover.isCovered });
};

const lineFor = (medicine, state) => ({
  key: state.next++,
  medicine,
  // No dose and no duration of ours: what is not typed was not prescribed.
  morning: "",
  noon: "",
  evening: "",
  days: "",
  boxes: "1",
  boxesTyped: false,
  substitution: true,
  // Whether a medicine treats the long illness is the doctor's word, never ours.
  illness: "",
  touched: false,
});

const proposeBoxes = (line) => {
  const proposed = boxesNeeded(line.medicine.perBox, dosesOf(line), Number(line.days) || 0);
  if (proposed && !line.boxesTyped) line.boxes = String(proposed);
};

/** Wire the search field; `store` holds {state, changed()}. */
export const startPrescription = (store) => {
  combobox({
    input: byId("medicine"),
    list: byId("medicine-list"),
    search: (text, signal) => searchMedicines(text, today(), signal),
    option,
    empty: () => copy("t-none"),
    failed: (error) => tellRefusal(error),
    choose: (medicine) => {
      const line = lineFor(medicine, store.state);
      proposeBoxes(line);
      store.state.medicines.push(line);
      store.changed();
      byId("rx-lines").lastElementChild.querySelector('[data-field="morning"]').focus();
    },
  });
  // Enter goes from the dose to the duration, then on to the next medicine, as on paper.
  byId("rx-lines").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    const days = event.target.closest("li").querySelector('[data-field="days"]');
    (days.value ? byId("medicine") : days).focus();
  });
};

const made = (line, store) => {
  const element = copy("t-rx");
  offerIllnesses(element, line, store.state.patient.illnesses);
  wire(element, line, {
    changed: (same, field) => {
      if (field === "boxes") same.boxesTyped = true;
      if (MOVES_BOXES.has(field)) proposeBoxes(same);
      store.changed();
    },
    removed: (same) => {
      store.state.medicines = store.state.medicines.filter((other) => other !== same);
      store.changed();
      byId("medicine").focus();
    },
  });
  return element;
};

const shown = (element, line, index, store) => {
  const { medicine } = line;
  const cover = coverOf(medicine);
  const fault = line.touched ? medicineFault(line) : null;
  const boxes = Number(line.boxes) || 1;
  fill(element, {
    number: index + 1,
    name: medicine.name,
    detail: medicine.detail,
    removeLabel: words("remove", { name: medicine.name }),
    hasIllnesses: store.state.patient.illnesses.length > 0,
    price: medicine.publicPrice === null ? words("noPrice") : dirhams(medicine.publicPrice * boxes),
    base: dirhams((medicine.basePrice ?? 0) * boxes),
    rate: cover.rate,
    isCovered: cover.isCovered,
    uncovered: !cover.isCovered,
    over: cover.over,
    error: fault ? words(fault) : "",
  });
  showFields(element, line);
};

/** Bring the list in step with the state. A prescription already accepted can no longer be changed. */
export const showPrescription = (store) => {
  const { state } = store;
  keepRows(byId("rx-lines"), state.medicines, {
    key: (line) => line.key,
    make: (line) => made(line, store),
    update: (element, line, index) => shown(element, line, index, store),
  });
  byId("rx-next").textContent = state.medicines.length + 1;
  const accepted = state.sending?.prescription?.answer ? state.sending.fseNumber : "";
  byId("rx-lines").inert = Boolean(accepted);
  byId("rx-find").hidden = Boolean(accepted);
  byId("rx-state").textContent = accepted ? words("prescriptionLocked", { number: accepted }) : "";
};
