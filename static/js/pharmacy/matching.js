/**
 * Is the scanned box what was prescribed? The twin of prescriptions/rules/matching.py, to say it at the
 * counter at once; the server judges again.
 */

const isSameGroup = (one, other) =>
  Boolean(one.inn) && one.inn === other.inn && one.strength === other.strength && one.form === other.form;

/** What a medicine is to one prescribed item. */
const kinship = (item, medicine) => {
  if (item.medicine.ean === medicine.ean) return "same";
  // A line written in INN names no brand: any product of its group is what was prescribed.
  if (isSameGroup(item.medicine, medicine)) {
    if (item.kind === "INN") return "same";
    return item.substitution ? "equivalent" : "noSubstitution";
  }
  if (!item.medicine.inn || item.medicine.inn !== medicine.inn) return "";
  return item.medicine.strength === medicine.strength ? "otherForm" : "otherStrength";
};

const isFull = (item, scanned) => (scanned?.boxes ?? 0) >= item.left;

const accepted = (candidates, medicine, lines) => {
  for (const kind of ["same", "equivalent"]) {
    for (const { item, kin } of candidates) {
      const scanned = lines[item.position];
      const isFree = !scanned || scanned.medicine.ean === medicine.ean;
      if (kin === kind && item.left > 0 && isFree && !isFull(item, scanned)) {
        return { kind, item };
      }
    }
  }
  return null;
};

const fits = ({ kin }) => kin === "same" || kin === "equivalent";

const refusal = (candidates, medicine, lines) => {
  const fitting = candidates.filter(fits);
  const open = fitting.filter(({ item }) => item.left > 0);
  if (fitting.length && !open.length) return { reason: "alreadyDispensed", item: fitting[0].item };
  if (open.length) {
    const { item } = open[0];
    const isOther = lines[item.position]?.medicine.ean !== medicine.ean;
    return { reason: isOther ? "otherBox" : "enough", item, holder: lines[item.position]?.medicine };
  }
  for (const reason of ["noSubstitution", "otherStrength", "otherForm"]) {
    const near = candidates.find(({ kin }) => kin === reason);
    if (near) return { reason, item: near.item };
  }
  return { reason: "notPrescribed", item: null };
};

/**
 * The line a scanned medicine serves: {kind: "same" | "equivalent", item}, or why it serves none:
 * {reason, item}. `lines` holds what was scanned so far, by position.
 */
export const match = (items, medicine, lines) => {
  const candidates = items
    .map((item) => ({ item, kin: kinship(item, medicine) }))
    .filter(({ kin }) => kin);
  return accepted(candidates, medicine, lines) ?? refusal(candidates, medicine, lines);
};
