/**
 * Money in whole centimes; no fraction of one ever enters an amount. The twin of core/money.py.
 */

const NARROW_NO_BREAK_SPACE = "\u202f";
const MINUS = "\u2212";

/** Centimes of an amount as people type it ("45,2", "1 496,25", "45.20"); null when it is not one. */
export const typedDirhams = (text) => {
  const plain = String(text ?? "").replace(/[\s\u00a0\u202f]/g, "").replace(",", ".");
  const parts = /^(\d{1,9})(?:\.(\d{0,2}))?$/.exec(plain);
  return parts ? Number(parts[1]) * 100 + Number((parts[2] ?? "").padEnd(2, "0")) : null;
};

/** Centimes of an amount as the API writes it ("45.20"); null stays null. */
export const centimes = (text) =>
  text === null || text === undefined ? null : Number(String(text).replace(".", ""));

/** The API's own writing: 4520 gives "45.20". */
export const apiDirhams = (amount) =>
  `${Math.trunc(amount / 100)}.${String(amount % 100).padStart(2, "0")}`;

/** What people read, in French and in Arabic alike: 149625 gives "1 496,25". */
export const dirhams = (amount) => {
  if (amount === null || amount === undefined || Number.isNaN(amount)) return "";
  const size = Math.abs(amount);
  const whole = String(Math.trunc(size / 100)).replace(/\B(?=(\d{3})+$)/g, NARROW_NO_BREAK_SPACE);
  return `${amount < 0 ? MINUS : ""}${whole},${String(size % 100).padStart(2, "0")}`;
};

/** A rate as the API writes it ("0.70", "0.775") for people: "70 %" in French, "70%" in Arabic. */
export const percent = (rate) => {
  if (rate === null || rate === undefined) return "";
  const [whole, decimals = ""] = String(rate).split(".");
  const points = Number(whole + decimals.padEnd(4, "0").slice(0, 4));
  const rest = String(points % 100).padStart(2, "0").replace(/0+$/, "");
  const space = document.documentElement.lang === "ar" ? "" : NARROW_NO_BREAK_SPACE;
  const written = `${Math.trunc(points / 100)}${rest ? `,${rest}` : ""}${space}%`;
  return space ? written : `\u2066${written}\u2069`;
};
