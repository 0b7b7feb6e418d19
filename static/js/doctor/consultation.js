/**
 * One consultation as it is being written: the state of the page, what is missing in it, and the two
 * documents it becomes (docs/architecture.md, "Signed documents").
 */

import { today } from "../days.js";
import { apiDirhams, typedDirhams } from "../money.js";
import { typedDose } from "../medicines.js";

const DOSES = ["morning", "noon", "evening"];
const LONGEST_DAYS = 365;
const MOST = 999;

/** Nothing typed yet. */
export const blank = () => ({ patient: null, medicines: [], acts: [], thirdParty: false, sending: null, next: 1 });

const whole = (text, largest) => {
  const number = /^\d{1,3}$/.test(String(text).trim()) ? Number(text) : 0;
  return number >= 1 && number <= largest ? number : null;
};

/** What a medicine line lacks: the key of a sentence, or null. */
export const medicineFault = (line) => {
  const doses = DOSES.map((name) => typedDose(line[name]));
  if (doses.includes(null)) return "doseWrong";
  if (doses.every((dose) => dose === "0")) return "doseNone";
  if (!whole(line.days, LONGEST_DAYS)) return "daysWrong";
  if (!whole(line.boxes, MOST)) return "boxesWrong";
  return null;
};

/** What an act line lacks: the key of a sentence, or null. */
export const actFault = (line) => {
  if (!whole(line.quantity, MOST)) return "quantityWrong";
  return typedDirhams(line.charged) ? null : "chargedWrong";
};

/** Doses of a line as the document carries them. */
export const dosesOf = (line) => DOSES.map((name) => typedDose(line[name]) ?? "0");

/** The first thing missing: {where, number} of a line, {empty: true}, or null when it can be signed. */
export const missing = (state) => {
  if (!state.medicines.length && !state.acts.length) return { empty: true };
  const medicine = state.medicines.findIndex(medicineFault);
  if (medicine >= 0) return { where: "inPrescription", number: medicine + 1 };
  const act = state.acts.findIndex(actFault);
  return act >= 0 ? { where: "inActs", number: act + 1 } : null;
};

/** The prescription to sign; the key's name is added by the signature. */
export const prescriptionDocument = (state, fseNumber, inpe) => ({
  type: "waraqa/prescription",
  version: 1,
  fse_number: fseNumber,
  provider: inpe,
  patient: state.patient.id,
  written_on: today(),
  lines: state.medicines.map((line, index) => {
    const [morning, noon, evening] = dosesOf(line);
    return {
      position: index + 1,
      ean: line.medicine.ean,
      dose: { morning, noon, evening },
      days: Number(line.days),
      boxes: Number(line.boxes),
      substitution: line.substitution,
      illness: line.illness || null,
    };
  }),
});

const actLine = (line, index, day) => ({
  position: index + 1,
  act: line.act.code,
  quantity: Number(line.quantity),
  charged: apiDirhams(typedDirhams(line.charged)),
  care_date: day,
  illness: line.illness || null,
});

/** The care claim to sign. */
export const claimDocument = (state, fseNumber, inpe) => ({
  type: "waraqa/care-claim",
  version: 1,
  fse_number: fseNumber,
  provider: inpe,
  patient: state.patient.id,
  third_party_payment: state.thirdParty,
  treatment_end_date: null,
  lines: state.acts.map((line, index) => actLine(line, index, today())),
});

/** Sum of what is charged for acts, in centimes. */
export const chargedInAll = (state) =>
  state.acts.reduce((sum, line) => sum + (typedDirhams(line.charged) ?? 0), 0);

/** Sum of the medicines' public prices, in centimes; null when one has none. */
export const medicinesInAll = (state) =>
  state.medicines.reduce((sum, line) => {
    const price = line.medicine.publicPrice;
    return sum === null || price === null ? null : sum + price * (Number(line.boxes) || 0);
  }, 0);
