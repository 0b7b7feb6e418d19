/** Whether a pack is what the server sealed: the signature of its list, the SHA-256 of each part. */

import canonicalize from "../../vendor/canonicalize/canonicalize.js";

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };

/** A pack that must not be used. `code`: SEAL_WRONG, SEAL_CHANGED, PART_WRONG. */
export class PackRefused extends Error {
  constructor(code, what = "") {
    super(`${code} ${what}`.trim());
    this.code = code;
  }
}

const hex = (bytes) => [...new Uint8Array(bytes)].map((each) => each.toString(16).padStart(2, "0")).join("");

const fromBase64url = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const utf8 = (text) => new TextEncoder().encode(text);

/** The canonical bytes (RFC 8785) of a JSON document. */
export const canonicalBytes = (document) => utf8(canonicalize(document));

const thumbprint = async ({ crv, kty, x, y }) =>
  btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest("SHA-256", canonicalBytes({ crv, kty, x, y })))))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");

/**
 * Throw PackRefused unless the list is signed by the key it carries, and that key is `trusted`: the one
 * of the first pack this device received, over the server's own connection.
 */
export const checkSeal = async ({ signature, ...said }, trusted) => {
  const { kid, jwk, value } = signature;
  const key = await crypto.subtle.importKey("jwk", jwk, CURVE, false, ["verify"]);
  const isSigned = await crypto.subtle.verify(SIGNATURE, key, fromBase64url(value), canonicalBytes(said));
  if (!isSigned || (await thumbprint(jwk)) !== kid) throw new PackRefused("SEAL_WRONG");
  if (trusted && trusted !== kid) throw new PackRefused("SEAL_CHANGED");
};

/** Throw PackRefused unless the bytes are those the list names. */
export const checkPart = async (bytes, { name, sha256 }) => {
  if (hex(await crypto.subtle.digest("SHA-256", bytes)) !== sha256) throw new PackRefused("PART_WRONG", name);
};
