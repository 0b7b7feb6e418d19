/** Lines of a document brought back into the page: a renewal, a protocol, what a delegate prepared. */

import { medicineOf } from "../medicines.js";
import { MOMENTS } from "./dosing.js";

/** A line of the page with nothing typed. */
export const blankLine = (state, kind, medicine = null) => ({
  key: state.next++,
  kind,
  medicine,
  orderKind: "BIOLOGY",
  // No dose and no duration of ours: what is not typed was not prescribed.
  pattern: "",
  inWords: false,
  wording: "",
  ...Object.fromEntries(MOMENTS.map((moment) => [moment, ""])),
  days: "",
  boxes: "1",
  boxesTyped: false,
  substitution: true,
  // Whether a medicine treats the long illness is the doctor's word, never ours.
  illness: "",
  overMaximum: false,
  equivalent: null,
  touched: false,
});

const shownDose = (dose) => (dose && dose !== "0" ? dose.replace(".", ",") : "");

const substanceOnly = ({ name, strength, unit, form }) => ({
  ...medicineOf({ name, inn: "", strength, strength_unit: unit, form, price: null }),
  substance: { name, strength, unit, form },
});

const medicineFor = (line, medicines) => {
  if (line.kind === "INN") return substanceOnly(line.inn);
  const found = medicines.find((medicine) => medicine.ean === line.ean);
  return found ? medicineOf(found) : null;
};

const needsDose = (line) => ["MEDICINE", "INN"].includes(line.kind);

const pageLine = (state, line, medicine) => ({
  ...blankLine(state, line.kind, medicine),
  orderKind: line.order?.kind ?? "BIOLOGY",
  pattern: needsDose(line) ? (line.wording ?? "") : "",
  inWords: needsDose(line) && line.wording !== null,
  wording: needsDose(line) ? "" : (line.wording ?? ""),
  ...Object.fromEntries(MOMENTS.map((moment) => [moment, shownDose(line.dose?.[moment])])),
  days: line.days === null ? "" : String(line.days),
  boxes: String(line.boxes),
  boxesTyped: true,
  substitution: line.substitution,
  illness: state.patient.illnesses?.some(({ code }) => code === line.illness) ? line.illness : "",
});

/**
 * Add written lines ({lines, medicines} as the API gives them) to the state. Returns the EANs of medicines
 * that are no longer in the list: their lines are left out.
 */
export const addWritten = (state, { lines, medicines }) => {
  const gone = [];
  for (const line of lines) {
    const medicine = medicineFor(line, medicines);
    if (line.kind === "MEDICINE" && !medicine) gone.push(line.ean);
    else state.medicines.push(pageLine(state, line, medicine));
  }
  return gone;
};
