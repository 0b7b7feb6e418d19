/** Boxes with what they say of themselves: one is never counted twice, nor handed over past its day. */

import { today } from "../days.js";

const isExpired = ({ expires_on: day }) => Boolean(day) && day < today();

const isOnCounter = ({ ean, serial }, lines) =>
  Boolean(serial) &&
  lines.some((line) => line.medicine.ean === ean && (line.packs ?? []).some((pack) => pack.serial === serial));

/** Why a pack is refused whatever is prescribed, or nothing. */
export const refusedPack = (pack, lines) => {
  if (isExpired(pack)) return "expiredPack";
  return isOnCounter(pack, lines) ? "packTwice" : "";
};

/** One more box on a line, with its batch, expiry and serial where it bears them. */
export const addPack = (line, { batch, serial, expires_on: day }) => {
  line.boxes += 1;
  line.packs ??= [];
  if (batch || serial || day) line.packs.push({ batch, expires_on: day, serial });
};
