/** What the fund pays of a medicine by the list alone; ceilings and prior claims are the counter's. */

const WHOLE = 10_000;

/** "0.70" in basis points. */
const basisPoints = (rate) => Math.round(Number(rate ?? 0) * WHOLE);

const rateOf = (line, illnesses) => {
  const own = (illnesses ?? []).find(({ code }) => code === line.illness)?.rate;
  const listed = basisPoints(line.medicine.rate);
  return listed && own ? Math.max(listed, basisPoints(own)) : listed;
};

/** The fund's share of some boxes, in centimes; half a centime goes up, as core/money.py rounds. */
export const shareOf = (line, boxes, illnesses) => {
  const due = (line.medicine.basePrice ?? 0) * boxes * rateOf(line, illnesses);
  return Math.floor((2 * due + WHOLE) / (2 * WHOLE));
};
