/**
 * FSE numbers, minted on this device with no network. The twin of core/numbers.py: a device prefix of
 * 5 characters, 6 random ones, and the check character of ISO 7064 (hybrid, modulus 32).
 */

// Crockford's alphabet: no I, L, O, U.
export const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const MODULUS = ALPHABET.length;
const BODY_LENGTH = 6;
const NUMBER = new RegExp(`^[${ALPHABET}]{12}$`);
const QR_PREFIX = /^\s*WARAQA:/i;
const PAPER_PREFIX = "PAPER";
// The code of a paper sheet (claims/rules/paper_code.py): its number in clear, then the seal's signature.
const PAPER_CODE = new RegExp(`^\\s*WRP1([${ALPHABET}]{12})[A-Z2-7]{103}\\s*$`, "i");
const LOOKALIKES = { O: "0", I: "1", L: "1" };

/** A typed or scanned number without its QR prefix, spaces or dashes, in capitals, look-alikes mapped. */
export const normalised = (typed) =>
  typed
    .replace(QR_PREFIX, "")
    .toUpperCase()
    .replace(/[\s\u00a0\u202f-]/g, "")
    .replace(/[OIL]/g, (character) => LOOKALIKES[character]);

/** The check character of a body over our alphabet. */
export const checkCharacter = (body) => {
  let sum = MODULUS / 2;
  for (const character of body) {
    sum = (((sum || MODULUS) * 2) % (MODULUS + 1) + ALPHABET.indexOf(character)) % MODULUS;
  }
  const rest = (1 - (((sum || MODULUS) * 2) % (MODULUS + 1))) % MODULUS;
  return ALPHABET[(rest + MODULUS) % MODULUS];
};

/** Whether a normalised number has 12 characters and the right check character. */
export const isFseNumber = (number) =>
  NUMBER.test(number) && checkCharacter(number.slice(0, -1)) === number.at(-1);

/** The number in a paper sheet's scanned code, or as typed; only the server judges the code's signature. */
export const readNumber = (typed) => normalised(PAPER_CODE.exec(typed)?.[1] ?? typed);

/** Whether a normalised number is of a paper sheet: no device mints under its prefix. */
export const isPaperNumber = (number) => number.startsWith(PAPER_PREFIX);

/** A new number under this device's prefix: 30 random bits, no counter to guess. */
export const mintFseNumber = (prefix) => {
  // 256 is a whole multiple of 32: every character is as likely as another.
  const random = crypto.getRandomValues(new Uint8Array(BODY_LENGTH));
  const body = prefix + Array.from(random, (byte) => ALPHABET[byte % MODULUS]).join("");
  return body + checkCharacter(body);
};

/** A long number in groups of four, as it is printed. */
export const grouped = (number) => (number.match(/.{1,4}/g) ?? []).join(" ");

/** Whether the text is an EAN-13. */
export const isEan = (text) => /^\d{13}$/.test(text);
