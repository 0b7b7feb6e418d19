/** The lines of the prescription: search a medicine, its dose, its duration, its boxes, what it costs. */

import { combobox } from "../combobox.js";
import { today } from "../days.js";
import { byId, copy, fill, keepRows, words } from "../dom.js";
import { coverOf, equivalentsOf, searchMedicines } from "../medicines.js";
import { dirhams } from "../money.js";
import { tellRefusal } from "../notices.js";
import { doseOf, isCoded, medicineFault } from "./consultation.js";
import { MOMENTS, boxesNeeded, readPattern } from "./dosing.js";
import { offerIllnesses, showFields, wire } from "./lines.js";
import { shareOf } from "./share.js";
import { blankLine } from "./written.js";

const MOVES_BOXES = new Set([...MOMENTS, "days", "pattern"]);

const option = (medicine) => {
  const cover = coverOf(medicine);
  const { name, detail } = medicine;
  return copy("t-medicine-option", { name, detail, price: cover.price, uncovered: !cover.isCovered });
};

const proposeBoxes = (line) => {
  const days = Number(line.days) || 0;
  if (line.boxesTyped || !days || !line.medicine || !isCoded(line)) return;
  const unit = readPattern(line.pattern)?.unit ?? "";
  const proposed = boxesNeeded(line.medicine.presentation, { ...doseOf(line), unit }, days);
  if (proposed) line.boxes = String(proposed);
};

/** What the pattern says goes into the fields; what it does not say is left as it is. */
const readInto = (line) => {
  const read = readPattern(line.pattern);
  line.inWords = !read || read.unit === "other";
  for (const moment of MOMENTS) {
    line[moment] = read && read[moment] !== "0" ? read[moment].replace(".", ",") : "";
  }
  if (read?.days) line.days = String(read.days);
};

/** A line's dose typed by hand: the words beside it no longer say it. */
const typedByHand = (line) => {
  line.pattern = "";
  line.inWords = false;
};

const lookForCheaper = async (store, line) => {
  try {
    const [cheapest] = await equivalentsOf(line.medicine.ean, today());
    const price = line.medicine.publicPrice;
    line.equivalent =
      cheapest && (price === null || cheapest.publicPrice < price) ? cheapest : null;
    store.keep();
    store.show();
  } catch (error) {
    // Nothing to say of equivalents: the prescription does not wait for them.
    if (error.isFinal === undefined) throw error;
  }
};

/** Add a line and go to its first field. */
const add = (store, line) => {
  store.state.medicines.push(line);
  store.changed();
  const first = line.medicine ? "pattern" : "wording";
  byId("rx-lines").lastElementChild.querySelector(`[data-field="${first}"]`).focus();
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
      const line = blankLine(store.state, "MEDICINE", medicine);
      add(store, line);
      lookForCheaper(store, line);
    },
  });
  for (const button of document.querySelectorAll("[data-add-line]")) {
    button.addEventListener("click", () => add(store, blankLine(store.state, button.dataset.addLine)));
  }
  // Enter goes from the dose to the duration, then on to the next medicine, as on paper.
  byId("rx-lines").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    const days = event.target.closest("li").querySelector('[data-field="days"]');
    (days.value || days.closest("[hidden]") ? byId("medicine") : days).focus();
  });
};

const substitute = (store, line) => {
  line.medicine = line.equivalent;
  line.equivalent = null;
  proposeBoxes(line);
  store.changed();
};

const inSubstance = (store, line) => {
  line.kind = line.kind === "INN" ? "MEDICINE" : "INN";
  store.changed();
};

const made = (line, store) => {
  const element = copy("t-rx");
  offerIllnesses(element, line, store.state.patient.illnesses);
  wire(element, line, {
    changed: (same, field) => {
      if (field === "boxes") same.boxesTyped = true;
      if (field === "pattern") readInto(same);
      if (MOMENTS.includes(field)) typedByHand(same);
      if (MOVES_BOXES.has(field)) proposeBoxes(same);
      store.changed();
    },
    removed: (same) => {
      store.state.medicines = store.state.medicines.filter((other) => other !== same);
      store.changed();
      byId("medicine").focus();
    },
  });
  const act = (name, gesture) =>
    element.querySelector(`[data-act="${name}"]`).addEventListener("click", () => gesture(store, line));
  act("cheaper", substitute);
  act("inn", inSubstance);
  return element;
};

const nameOfLine = (line) => {
  if (line.kind === "INN") return `${line.medicine.substance.name} ${line.medicine.strength}`.trim();
  return line.medicine?.name ?? words(line.kind === "ORDER" ? "order" : "compound");
};

const moneyOf = (line, store) => {
  if (line.kind !== "MEDICINE") return { hasPrice: false, isCovered: false, uncovered: false, over: "" };
  const { medicine } = line;
  const boxes = Number(line.boxes) || 1;
  const cover = coverOf(medicine);
  const price = medicine.publicPrice === null ? null : medicine.publicPrice * boxes;
  const share = shareOf(line, boxes, store.state.patient.illnesses);
  return {
    hasPrice: true,
    price: price === null ? words("noPrice") : dirhams(price),
    base: dirhams((medicine.basePrice ?? 0) * boxes),
    fund: dirhams(share),
    patient: price === null ? "…" : dirhams(price - share),
    isCovered: cover.isCovered,
    uncovered: !cover.isCovered,
    over: cover.over,
    cheaper: line.equivalent
      ? words("cheaper", { name: line.equivalent.name, price: dirhams(line.equivalent.publicPrice) })
      : "",
  };
};

const shown = (element, line, index, store) => {
  const fault = line.touched ? medicineFault(line) : null;
  const isMedicine = ["MEDICINE", "INN"].includes(line.kind);
  fill(element, {
    number: index + 1,
    name: nameOfLine(line),
    detail: line.kind === "MEDICINE" ? line.medicine.detail : (line.medicine?.form ?? "").toLowerCase(),
    removeLabel: words("remove", { name: nameOfLine(line) }),
    isMedicine,
    isInWords: !isMedicine,
    isOrder: line.kind === "ORDER",
    isTimed: line.kind !== "ORDER",
    canName: isMedicine && Boolean(line.medicine.substance.name && line.medicine.ean),
    inn: words(line.kind === "INN" ? "asBrand" : "asInn"),
    narcotic: line.medicine?.table === "B",
    overMaximum: line.overMaximum,
    saidInWords: isMedicine && line.pattern.trim() !== "" && line.inWords,
    hasIllnesses: (store.state.patient.illnesses ?? []).length > 0,
    cheaper: "",
    ...moneyOf(line, store),
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
  byId("rx-more").hidden = Boolean(accepted);
  byId("rx-state").textContent = accepted ? words("prescriptionLocked", { number: accepted }) : "";
};
