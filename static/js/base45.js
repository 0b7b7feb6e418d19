/** Base45 (RFC 9285): two bytes in three letters, all of them of a QR code's dense alphabet. */

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const SIZE = ALPHABET.length;

/** The letters of some bytes. */
export const toBase45 = (bytes) => {
  let text = "";
  for (let index = 0; index < bytes.length; index += 2) {
    const isPair = index + 1 < bytes.length;
    let number = isPair ? bytes[index] * 256 + bytes[index + 1] : bytes[index];
    for (let letter = 0; letter < (isPair ? 3 : 2); letter += 1) {
      text += ALPHABET[number % SIZE];
      number = Math.floor(number / SIZE);
    }
  }
  return text;
};

/** The bytes of some letters. Throws RangeError where they are none. */
export const fromBase45 = (text) => {
  if (text.length % 3 === 1) throw new RangeError("Base45 never has this length");
  const bytes = [];
  for (let index = 0; index < text.length; index += 3) {
    const letters = [...text.slice(index, index + 3)].map((letter) => ALPHABET.indexOf(letter));
    const number = letters.reduceRight((sum, value) => sum * SIZE + value, 0);
    const largest = letters.length === 3 ? 0xffff : 0xff;
    if (letters.includes(-1) || number > largest) throw new RangeError("not Base45");
    bytes.push(...(letters.length === 3 ? [number >> 8, number & 0xff] : [number]));
  }
  return Uint8Array.from(bytes);
};
