/**
 * The signed code of a prescription: CBOR, COSE_Sign1 ES256, Base45 (docs/prescriptions.md). Made by the
 * prescriber's device when it signs the document; read and checked anywhere, with no network.
 */

import { decode } from "../vendor/cborg/decode.js";
import { encode } from "../vendor/cborg/encode.js";
import { Tagged } from "../vendor/cborg/tagged.js";
import { fromBase45, toBase45 } from "./base45.js";
import { claimsOf, contentOf } from "./code_content.js";

export const PREFIX = "WRQ1:";
export const LONGEST = 3391;
const LARGEST = 8192;
const LETTERS = /^[0-9A-Z $%*+\-./:]+$/;
const ZLIB = 0x78;
const SIGN1 = 18;
const ES256 = -7;
const ALGORITHM = 1;
const KID = 4;
const KID_BYTES = 8;
const SIGNATURE_BYTES = 64;
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };
const STRICT = {
  useMaps: true,
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  rejectDuplicateMapKeys: true,
  tags: Tagged.preserve(SIGN1),
};

/** The text is no code of ours: `reason` is TOO_LONG, PREFIX, LETTERS, PACKED, SHAPE or ALGORITHM. */
export class CodeUnreadable extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

const equal = (one, other) =>
  one.length === other.length && one.every((byte, index) => byte === other[index]);

const through = async (bytes, stream) => {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const chunks = [];
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value);
    size += part.value.length;
    if (size > LARGEST) {
      await reader.cancel();
      throw new CodeUnreadable("PACKED");
    }
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
};

const kidBytes = (kid) => {
  const raw = atob(kid.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw.slice(0, KID_BYTES), (letter) => letter.charCodeAt(0));
};

const toSign = (headers, payload) => encode(["Signature1", headers, new Uint8Array(), payload]);

/**
 * The code of a signed document: `device` is {kid, privateKey} of keys.js, `patient` is {full_name,
 * birth_date} as the server gave it. Returns null when no QR code could hold it.
 */
export const makeCode = async (device, document, patient) => {
  const payload = encode(claimsOf(document, patient));
  const headers = encode(new Map([[ALGORITHM, ES256], [KID, kidBytes(device.kid)]]));
  const raw = await crypto.subtle.sign(SIGNATURE, device.privateKey, toSign(headers, payload));
  const parts = [headers, new Map(), payload, new Uint8Array(raw)];
  const cose = encode(new Tagged(SIGN1, parts));
  const text = cose.length > LARGEST ? null : await lettersOf(cose);
  return text && text.length <= LONGEST ? text : null;
};

const lettersOf = async (cose) => {
  const packed = await through(cose, new CompressionStream("deflate"));
  return PREFIX + toBase45(packed.length < cose.length ? packed : cose);
};

/** Whether a scanned text claims to be a code (its letters are not judged). */
export const isCode = (scanned) => scanned.trim().startsWith(PREFIX);

const message = async (text) => {
  if (text.length > LONGEST) throw new CodeUnreadable("TOO_LONG");
  if (!text.startsWith(PREFIX)) throw new CodeUnreadable("PREFIX");
  const letters = text.slice(PREFIX.length);
  if (!LETTERS.test(letters)) throw new CodeUnreadable("LETTERS");
  let raw;
  try {
    raw = fromBase45(letters);
  } catch {
    throw new CodeUnreadable("LETTERS");
  }
  if (raw[0] !== ZLIB) return raw;
  try {
    return await through(raw, new DecompressionStream("deflate"));
  } catch {
    throw new CodeUnreadable("PACKED");
  }
};

/** The value of deterministic CBOR: one value has one writing. */
const strictly = (bytes) => {
  let value;
  try {
    value = decode(bytes, STRICT);
    if (!equal(encode(value), bytes)) throw new TypeError("another writing");
  } catch {
    throw new CodeUnreadable("SHAPE");
  }
  return value;
};

const kidOf = (headers) => {
  if (!(headers instanceof Map)) throw new CodeUnreadable("SHAPE");
  if (headers.get(ALGORITHM) !== ES256) throw new CodeUnreadable("ALGORITHM");
  const kid = headers.get(KID);
  if (headers.size !== 2 || !(kid instanceof Uint8Array) || kid.length !== KID_BYTES) {
    throw new CodeUnreadable("SHAPE");
  }
  return kid;
};

const contentIn = (payload) => {
  const claims = strictly(payload);
  try {
    const content = contentOf(claims);
    if (equal(encode(claimsOf(content, content.person)), payload)) return content;
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
  }
  throw new CodeUnreadable("SHAPE");
};

/**
 * What a code says, not yet trusted: {content, kid, signed, signature}. `content` has the keys of the
 * document version 2 that a paper shows, and `person` {id, full_name, birth_date}. Throws CodeUnreadable.
 */
export const decodeCode = async (scanned) => {
  const outer = strictly(await message(scanned.trim()));
  const parts = outer instanceof Tagged ? outer.value : null;
  if (!Array.isArray(parts) || parts.length !== 4) throw new CodeUnreadable("SHAPE");
  const [headers, unprotected, payload, signature] = parts;
  const areBytes = [headers, payload, signature].every((part) => part instanceof Uint8Array);
  if (!areBytes || !(unprotected instanceof Map) || unprotected.size) throw new CodeUnreadable("SHAPE");
  const kid = kidOf(strictly(headers));
  if (signature.length !== SIGNATURE_BYTES) throw new CodeUnreadable("SHAPE");
  return { content: contentIn(payload), kid, signed: toSign(headers, payload), signature };
};

/** Whether this public key (a P-256 JWK) signed a decoded code. */
export const isSignedBy = async (code, { crv, kty, x, y }) => {
  const key = await crypto.subtle.importKey("jwk", { crv, kty, x, y }, CURVE, false, ["verify"]);
  return crypto.subtle.verify(SIGNATURE, key, code.signature, code.signed);
};

const wasValid = (key, day) => key.from <= day && (key.until === null || day < key.until);

/**
 * Judge a code with the keys of `GET prescriber-keys` alone: {verdict, content}. The verdict is GENUINE,
 * ALTERED (another content, or the key of another provider), REVOKED (the key was not valid on the written
 * day) or UNKNOWN (no such key). Throws CodeUnreadable.
 */
export const verifyCode = async (scanned, keys) => {
  const code = await decodeCode(scanned);
  const { content } = code;
  const known = keys.filter((key) => equal(kidBytes(key.kid), code.kid));
  if (!known.length) return { verdict: "UNKNOWN", content };
  for (const key of known) {
    if (await isSignedBy(code, key.jwk)) {
      if (key.provider !== content.provider) return { verdict: "ALTERED", content };
      return { verdict: wasValid(key, content.written_on) ? "GENUINE" : "REVOKED", content };
    }
  }
  return { verdict: "ALTERED", content };
};
