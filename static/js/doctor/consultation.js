/**
 * One consultation as it is being written: the state of the page, what is missing in it, and the two
 * documents it becomes (docs/architecture.md, "Signed documents"; docs/prescriptions.md).
 */

import { today } from "../days.js";
import { typedDose } from "../medicines.js";
import { apiDirhams, typedDirhams } from "../money.js";
import { isFseNumber, isPaperNumber, readNumber } from "../numbers.js";
import { MOMENTS } from "./dosing.js";

const LONGEST_DAYS = 365;
const MOST = 999;
const MOST_REPEATS = 12;
// Crockford's alphabet: nobody takes a letter for a digit. A byte gives five even bits.
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SECRET_LENGTH = 6;
const NUMBER_LENGTH = 12;

/** Nothing typed yet. */
export const blank = () => ({
  patient: null,
  medicines: [],
  acts: [],
  startsOn: "",
  repeatCount: "",
  repeatDays: "",
  preparation: null,
  thirdParty: false,
  paper: "",
  sending: null,
  next: 1,
});

const whole = (text, largest) => {
  const number = /^\d{1,3}$/.test(String(text).trim()) ? Number(text) : 0;
  return number >= 1 && number <= largest ? number : null;
};

/** Doses of a line as the document carries them, by moment. */
export const doseOf = (line) =>
  Object.fromEntries(MOMENTS.map((moment) => [moment, typedDose(line[moment]) ?? "0"]));

/** Whether a line's dose is coded; otherwise it is said in words. */
export const isCoded = (line) => Object.values(doseOf(line)).some((dose) => dose !== "0");

const needsDose = (line) => ["MEDICINE", "INN"].includes(line.kind);

const doseFault = (line) => {
  if (MOMENTS.some((moment) => typedDose(line[moment]) === null)) return "doseWrong";
  return isCoded(line) || line.pattern.trim() ? null : "doseNone";
};

/** What a prescribed line lacks: the key of a sentence, or null. */
export const medicineFault = (line) => {
  if (needsDose(line) && doseFault(line)) return doseFault(line);
  if (!needsDose(line) && !line.wording.trim()) return "wordingNone";
  if (line.kind !== "ORDER" && !whole(line.days, LONGEST_DAYS)) return "daysWrong";
  return whole(line.boxes, MOST) ? null : "boxesWrong";
};

/** What an act line lacks: the key of a sentence, or null. */
export const actFault = (line) => {
  if (!whole(line.quantity, MOST)) return "quantityWrong";
  return typedDirhams(line.charged) ? null : "chargedWrong";
};

/** The first thing missing: {where, number} of a line, {empty: true}, or null when it can be signed. */
export const missing = (state) => {
  if (!state.medicines.length && !state.acts.length) return { empty: true };
  const medicine = state.medicines.findIndex(medicineFault);
  if (medicine >= 0) return { where: "inPrescription", number: medicine + 1 };
  const act = state.acts.findIndex(actFault);
  return act >= 0 ? { where: "inActs", number: act + 1 } : null;
};

/** The number of the paper sheet filled in as well, "" for none. A prescription never bears it. */
export const paperNumber = ({ paper }) => readNumber(paper ?? "");

/** What is wrong in the number of the paper sheet: the key of a sentence, or null. */
export const paperFault = (state) => {
  const number = paperNumber(state);
  if (!number || (isPaperNumber(number) && isFseNumber(number))) return null;
  if (isFseNumber(number)) return "paperElectronic";
  return isPaperNumber(number) && number.length === NUMBER_LENGTH ? "paperWrong" : "paperUnread";
};

const wordingOf = (line) => {
  if (!needsDose(line)) return line.wording.trim();
  return isCoded(line) && !line.inWords ? null : line.pattern.trim();
};

/** A prescribed line as the document carries it. */
export const prescribedLine = (line, index) => ({
  position: index + 1,
  kind: line.kind,
  ean: line.kind === "MEDICINE" ? line.medicine.ean : null,
  inn: line.kind === "INN" ? line.medicine.substance : null,
  order: line.kind === "ORDER" ? { kind: line.orderKind, act: null } : null,
  wording: wordingOf(line),
  dose: needsDose(line) && isCoded(line) ? doseOf(line) : null,
  days: line.kind === "ORDER" ? null : Number(line.days),
  boxes: Number(line.boxes),
  substitution: line.substitution,
  illness: line.illness || null,
  over_maximum: line.overMaximum,
});

const drawnSecret = () =>
  [...crypto.getRandomValues(new Uint8Array(SECRET_LENGTH))].map((byte) => LETTERS[byte % 32]).join("");

const repeatsOf = ({ repeatCount, repeatDays }) => {
  const count = whole(repeatCount ?? "", MOST_REPEATS);
  const everyDays = whole(repeatDays ?? "", LONGEST_DAYS);
  return count > 1 && everyDays ? { count, every_days: everyDays } : null;
};

/** The prescription to sign; the key's name is added by the signature. */
export const prescriptionDocument = (state, fseNumber, inpe) => ({
  type: "waraqa/prescription",
  version: 2,
  fse_number: fseNumber,
  provider: inpe,
  patient: state.patient.id,
  written_on: today(),
  starts_on: state.startsOn > today() ? state.startsOn : null,
  repeats: repeatsOf(state),
  secret: drawnSecret(),
  lines: state.medicines.map(prescribedLine),
  alerts: state.alerts ?? [],
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
  state.medicines
    .filter((line) => line.kind === "MEDICINE")
    .reduce((sum, line) => {
      const price = line.medicine.publicPrice;
      return sum === null || price === null ? null : sum + price * (Number(line.boxes) || 0);
    }, 0);
