/** One dispensing as it is being scanned: what is on the counter, what is missing, the document it becomes. */

import { today } from "../days.js";
import { medicineOf } from "../medicines.js";
import { apiDirhams, typedDirhams } from "../money.js";

/** Nothing on the counter. */
export const blank = () => ({
  prescription: null,
  secret: "",
  // The whole code as it was scanned: with it alone the server can take the dispensing first.
  code: null,
  proof: null,
  lines: {},
  outcomes: {},
  last: 0,
  partial: false,
  thirdParty: true,
  presence: null,
  sending: null,
});

export const OWING = "OWING";
const NOT_DISPENSED = "NOT_DISPENSED";
export const OUT_OF_STOCK = "OUT_OF_STOCK";
const FINAL = new Set(["CANCELLED", "EXPIRED", NOT_DISPENSED]);

/** What a line asks for, as the counter compares and names it; an INN has no code of its own. */
const askedFor = (item) => {
  if (item.medicine) return medicineOf(item.medicine);
  const inn = item.inn ?? { name: "", strength: "", unit: "", form: "" };
  const asked = { ean: "", inn: inn.name, strength: inn.strength, strength_unit: inn.unit, form: inn.form };
  return medicineOf({ ...asked, name: inn.name || item.wording, presentation: "", price: null });
};

/** An order is done elsewhere; a formula has no code and no tariff: neither is billed at this counter. */
const NOT_BILLED = new Set(["ORDER", "COMPOUND"]);
const leftOf = (item) => (NOT_BILLED.has(item.kind) || FINAL.has(item.state?.code) ? 0 : item.boxes_left);

/** The API's prescription, items with what is left to hand over. */
export const prescriptionOf = (answer) => ({
  ...answer,
  document: undefined,
  signature: undefined,
  items: answer.items.map((item) => ({
    position: item.position,
    kind: item.kind ?? "MEDICINE",
    state: item.state ?? null,
    medicine: askedFor(item),
    dose: item.dose,
    days: item.days,
    boxes: item.boxes,
    left: leftOf(item),
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

/** Boxes on the counter, and boxes due on lines that nothing was said of. */
export const counted = (state) => {
  const spoken = (item) => state.outcomes[item.position] !== undefined;
  const due = state.prescription.items.reduce((sum, item) => {
    const scanned = state.lines[item.position]?.boxes ?? 0;
    return sum + (spoken(item) ? scanned : item.left);
  }, 0);
  const done = scannedLines(state).reduce((sum, line) => sum + line.boxes, 0);
  return { due, done };
};

/** The dispensing as the engine estimates it: what is scanned, no more. */
export const estimateDocument = (state, inpe) => ({
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

const substitutionOf = (item, line) => {
  if (line.kind !== "equivalent" || item.kind === "INN") return null;
  const [own, asked] = [line.medicine.publicPrice, item.medicine.publicPrice];
  return own !== null && asked !== null && own < asked ? "CHEAPER" : OUT_OF_STOCK;
};

const outcomeOf = (item, line, said) => {
  if (line.boxes >= item.left) return ["DISPENSED", null];
  return said === OWING ? [OWING, OUT_OF_STOCK] : ["PARTIAL", null];
};

const handedOver = (item, line, said) => {
  const [outcome, reason] = outcomeOf(item, line, said);
  return {
    position: item.position,
    outcome,
    reason,
    ean: line.medicine.ean,
    boxes: line.boxes,
    charged: apiDirhams(chargeOf(line)),
    substitution: substitutionOf(item, line),
    packs: line.packs ?? [],
  };
};

/** Lines on which nothing is handed over, each with why. */
export const withheld = (state) =>
  (state.prescription?.items ?? [])
    .filter((item) => state.outcomes[item.position] && !state.lines[item.position])
    .map(({ position }) => {
      const said = state.outcomes[position];
      const owes = said === OWING;
      return { position, outcome: owes ? OWING : NOT_DISPENSED, reason: owes ? OUT_OF_STOCK : said };
    });

const NOTHING_GIVEN = { ean: null, boxes: null, charged: null, substitution: null, packs: [] };

/** The dispensing to sign; the key's name is added by the signature. */
export const dispensingDocument = (state, inpe) => {
  const given = state.prescription.items
    .filter((item) => state.lines[item.position])
    .map((item) => handedOver(item, state.lines[item.position], state.outcomes[item.position]));
  const kept = withheld(state).map((line) => ({ ...line, ...NOTHING_GIVEN }));
  return {
    ...estimateDocument(state, inpe),
    version: 2,
    instance: state.prescription.instance ?? 1,
    replaces: null,
    lines: [...given, ...kept].sort((one, other) => one.position - other.position),
  };
};
