/** Bytes as documents write them: base64url without padding (RFC 4648, section 5), canonical JSON (RFC 8785). */

import canonicalize from "../../vendor/canonicalize/canonicalize.js";

/** Bytes in base64url. */
export const base64url = (bytes) => {
  const letters = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
};

/** Bytes of a base64url text. */
export const fromBase64url = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

export const utf8 = (text) => new TextEncoder().encode(text);

/** The one writing of a document, in bytes. */
export const canonical = (document) => utf8(canonicalize(document));

/** SHA-256 of a document's one writing, in base64url: how one envelope names the one before. */
export const hashOf = async (document) =>
  base64url(await crypto.subtle.digest("SHA-256", canonical(document)));

/** A UUID of version 7 (RFC 9562, section 5.7): sorted by its making, to the millisecond. */
export const newId = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let moment = Date.now();
  for (let place = 5; place >= 0; place -= 1) {
    bytes[place] = moment % 256;
    moment = Math.floor(moment / 256);
  }
  bytes[6] = 0x70 + (bytes[6] % 16);
  bytes[8] = 0x80 + (bytes[8] % 64);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};
