/** One dispensing as it is being scanned: what is on the counter, what is missing, the document it becomes. */

import { today } from "../days.js";
import { medicineOf } from "../medicines.js";
import { apiDirhams, typedDirhams } from "../money.js";

/** Nothing on the counter. */
export const blank = () => ({ prescription: null, lines: {}, last: 0, partial: false, thirdParty: true, sending: null });

/** The API's prescription, items with what is left to hand over. */
export const prescriptionOf = (answer) => ({
  ...answer,
  document: undefined,
  signature: undefined,
  items: answer.items.map((item) => ({
    position: item.position,
    medicine: medicineOf(item.medicine ?? { ean: "", name: "" }),
    dose: item.dose,
    days: item.days,
    boxes: item.boxes,
    left: item.boxes_left,
    substitution: item.substitution,
    illness: item.illness,
  })),
});

/** What a scanned line is charged, in centimes; null while its price is not known. */
export const chargeOf = (line) => {
  const price = line.medicine.publicPrice ?? typedDirhams(line.price);
  return price ? price * line.boxes : null;
};

/** Scanned lines in the order of the prescription, each with its position. */
export const scannedLines = (state) =>
  (state.prescription?.items ?? [])
    .filter((item) => state.lines[item.position])
    .map((item) => ({ ...state.lines[item.position], position: item.position }));

/** Boxes on the counter and boxes still due. */
export const counted = (state) => {
  const due = state.prescription.items.reduce((sum, item) => sum + item.left, 0);
  const done = scannedLines(state).reduce((sum, line) => sum + line.boxes, 0);
  return { due, done };
};

/** The dispensing to sign; the key's name is added by the signature. */
export const dispensingDocument = (state, inpe) => ({
  type: "waraqa/dispensing",
  version: 1,
  fse_number: state.prescription.fse_number,
  provider: inpe,
  patient: state.prescription.patient.id,
  dispensed_on: today(),
  third_party_payment: state.thirdParty,
  lines: scannedLines(state).map((line) => ({
    position: line.position,
    ean: line.medicine.ean,
    boxes: line.boxes,
    charged: apiDirhams(chargeOf(line)),
  })),
});
