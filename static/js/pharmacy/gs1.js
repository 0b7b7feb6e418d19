/**
 * What a pack's own code says: GS1 DataMatrix, or the plain EAN-13. Application identifiers 01 (product),
 * 17 (expiry), 10 (batch) and 21 (serial); others are passed over where their length is known.
 * GS1 General Specifications, sections 3 and 7.12.
 */

const SEPARATOR = "\u001d";
const SYMBOLOGY = /^\](?:d2|C1|Q3|e0)/;
// Two digits of the identifier, and how many characters follow when the length is fixed.
const FIXED = { "00": 18, "01": 14, "02": 14, 11: 6, 12: 6, 13: 6, 15: 6, 16: 6, 17: 6, 20: 2 };
const EAN = /^\d{13}$/;
const LONGEST = 20;
const LONGEST_SCAN = 200;
const CENTURY = 2000;

/** 270531 gives 2027-05-31; a day 00 is the last of its month. Null when there is no such day. */
const dayOf = (text) => {
  const [year, month, day] = [text.slice(0, 2), text.slice(2, 4), text.slice(4, 6)].map(Number);
  if (!/^\d{6}$/.test(text) || month < 1 || month > 12) return null;
  const last = new Date(Date.UTC(CENTURY + year, month, 0)).getUTCDate();
  if (day > last) return null;
  const parts = [CENTURY + year, month, day || last];
  return parts.map((part) => String(part).padStart(2, "0")).join("-");
};

/** The elements of a scan by identifier; null when it is not written by the rules. */
const elements = (text) => {
  const found = {};
  let rest = text;
  while (rest) {
    const identifier = rest.slice(0, 2);
    const length = FIXED[identifier];
    const end = length === undefined ? rest.indexOf(SEPARATOR, 2) : 2 + length;
    const value = end === -1 ? rest.slice(2) : rest.slice(2, end);
    if (!/^\d{2}$/.test(identifier) || !value || (length !== undefined && value.length !== length)) return null;
    if (value.includes(SEPARATOR) || found[identifier] !== undefined) return null;
    found[identifier] = value;
    rest = end === -1 ? "" : rest.slice(end);
    if (rest.startsWith(SEPARATOR)) rest = rest.slice(1);
  }
  return found;
};

/** {ean, batch, expires_on, serial}, what the pack does not say is null; null for anything else than a pack. */
export const readPack = (scanned) => {
  const text = scanned.trim().replace(SYMBOLOGY, "");
  if (EAN.test(text)) return { ean: text, batch: null, expires_on: null, serial: null };
  const found = text.length <= LONGEST_SCAN && text.startsWith("01") ? elements(text) : null;
  if (!found || !/^0\d{13}$/.test(found["01"])) return null;
  const expiresOn = found[17] === undefined ? null : dayOf(found[17]);
  if (found[17] !== undefined && !expiresOn) return null;
  const [batch, serial] = [found[10] ?? null, found[21] ?? null];
  if ([batch, serial].some((each) => each !== null && each.length > LONGEST)) return null;
  return { ean: found["01"].slice(1), batch, expires_on: expiresOn, serial };
};
