/** Sealing for the server (JWE, RFC 7516: ECDH-ES+A256KW, A256GCM) and reading what the server sealed (JWS ES256). */

import { fromBase64url, utf8 } from "./bytes.js";

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };

/** Close a JSON value for the holder of a public key (JWK with its kid): nobody here can open it again. */
export const sealed = async (value, jwk) => {
  // Loaded when something is sealed: the first screen does not wait for it.
  const [{ CompactEncrypt }, { importJWK }] = await Promise.all([
    import("../../vendor/jose/jwe/compact/encrypt.js"),
    import("../../vendor/jose/key/import.js"),
  ]);
  const { kid, kty, crv, x, y } = jwk;
  const key = await importJWK({ kty, crv, x, y }, "ECDH-ES+A256KW");
  return new CompactEncrypt(utf8(JSON.stringify(value)))
    .setProtectedHeader({ alg: "ECDH-ES+A256KW", enc: "A256GCM", kid })
    .encrypt(key);
};

/** What a compact JWS says; null unless this public key signed it with ES256. */
export const verified = async (token, { kty, crv, x, y }) => {
  const parts = typeof token === "string" ? token.split(".") : [];
  if (parts.length !== 3) return null;
  const [header, payload, signature] = parts;
  try {
    const read = (part) => JSON.parse(new TextDecoder().decode(fromBase64url(part)));
    if (read(header).alg !== "ES256") return null;
    const key = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, CURVE, false, ["verify"]);
    const signed = utf8(`${header}.${payload}`);
    const isGenuine = await crypto.subtle.verify(SIGNATURE, key, fromBase64url(signature), signed);
    return isGenuine ? read(payload) : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DOMException) return null;
    throw error;
  }
};
