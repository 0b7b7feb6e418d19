/**
 * This browser as a signing device: a P-256 key made here, which no script can read out, its public half
 * enrolled at the server, which gives a prefix for the numbers minted here.
 */

import { openDB } from "../vendor/idb/index.js";
import canonicalize from "../vendor/canonicalize/canonicalize.js";
import { newKey, post } from "./api.js";

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };

const opened = () =>
  openDB("waraqa", 1, {
    upgrade(database) {
      database.createObjectStore("devices", { keyPath: "kid" });
    },
  });

const base64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");

const bytesOf = (document) => new TextEncoder().encode(canonicalize(document));

/** RFC 7638: the key's public identifier, the same on the server. */
const thumbprint = async ({ crv, kty, x, y }) =>
  base64url(await crypto.subtle.digest("SHA-256", bytesOf({ crv, kty, x, y })));

const made = async (user, provider) => {
  const pair = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  const { crv, kty, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const jwk = { crv, kty, x, y };
  const kid = await thumbprint(jwk);
  return { kid, user, provider, jwk, privateKey: pair.privateKey, prefix: "", request: newKey() };
};

/** This browser's key for a person and a provider, if the server still knows it. */
export const deviceFor = async (user, provider, activeKids) => {
  const all = await (await opened()).getAll("devices");
  return (
    all.find(
      (device) =>
        device.user === user &&
        device.provider === provider &&
        device.prefix &&
        activeKids.includes(device.kid),
    ) ?? null
  );
};

/** Make a key and enrol it; after a lost answer the same key is offered again, never a second one. */
export const enrol = async ({ user, provider, label }) => {
  const database = await opened();
  const all = await database.getAll("devices");
  const waiting = all.find((one) => one.user === user && one.provider === provider && !one.prefix);
  const device = waiting ?? (await made(user, provider));
  device.label ??= label;
  await database.put("devices", device);
  const body = { provider, label: device.label, public_jwk: device.jwk };
  try {
    const answer = await post("devices", body, { key: device.request });
    device.prefix = answer.prefix;
    await database.put("devices", device);
  } catch (error) {
    if (error.isFinal) await database.delete("devices", device.kid);
    throw error;
  }
  return device;
};

/** The body of a signed write: the document naming this device, and its ES256 signature. */
export const signed = async (device, content) => {
  const document = { ...content, device: device.kid };
  const raw = await crypto.subtle.sign(SIGNATURE, device.privateKey, bytesOf(document));
  return { document, signature: base64url(raw) };
};
