/**
 * Bringing the pack up to date: by difference when the server still knows ours, whole otherwise. What
 * arrives is checked before it is kept, and the pack in place serves until the new one is whole.
 */

import { Refusal, Unreachable, get } from "../api.js";
import { PackRefused, canonicalBytes, checkPart, checkSeal } from "./pack_check.js";
import { current, partBytes, put } from "./pack_store.js";

const ROOT = "/api/v1/packs/";
const NOT_FOUND = 404;

const parsed = (bytes) => JSON.parse(new TextDecoder().decode(bytes));

/** Rows with a difference applied: in canonical form, the very bytes of the new part. */
export const applied = (rows, { added, changed, removed }) => {
  const fresh = { ...rows, ...changed, ...added };
  for (const key of removed) delete fresh[key];
  return fresh;
};

const bytesOf = async (path, told) => {
  let response;
  try {
    response = await fetch(ROOT + path, { credentials: "same-origin" });
  } catch (error) {
    throw new Unreachable(error.message);
  }
  if (!response.ok) throw new Refusal(response.status, {});
  const reader = response.body.getReader();
  const pieces = [];
  for (;;) {
    let piece;
    try {
      piece = await reader.read();
    } catch (error) {
      throw new Unreachable(error.message);
    }
    if (piece.done) break;
    pieces.push(piece.value);
    told(piece.value.length);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
};

/** Progress from bytes done, as they will lie here; `left` seconds are a guess from what came so far. */
export const paced = (total, tell) => {
  const begun = performance.now();
  tell({ done: 0, total, left: null });
  return (done) => {
    const spent = (performance.now() - begun) / 1000;
    tell({ done, total, left: Math.max(0, Math.round((spent * (total - done)) / done)) });
  };
};

const teller = (total, tell) => {
  const told = paced(total, tell);
  let done = 0;
  return (count) => {
    done += count;
    told(done);
  };
};

const changed = (manifest, before) => {
  const held = new Map((before?.manifest.parts ?? []).map((part) => [part.name, part.sha256]));
  return manifest.parts.filter((part) => held.get(part.name) !== part.sha256);
};

const byDifference = async (manifest, before, wanted) => {
  const since = before.manifest.id;
  const changes = await get(`packs/${manifest.id}/changes?since=${since}`);
  const fresh = new Map();
  for (const [name, difference] of Object.entries(changes.parts)) {
    const bytes = canonicalBytes(applied(parsed(await partBytes(name)), difference));
    await checkPart(bytes, manifest.parts.find((part) => part.name === name));
    fresh.set(name, bytes);
  }
  return wanted.filter((part) => !fresh.has(part.name)).length === changes.whole.length ? fresh : new Map();
};

/** Parts that a difference gives; none when the server no longer keeps our pack, or it does not add up. */
const differences = async (manifest, before, wanted) => {
  if (!before || !wanted.length) return new Map();
  try {
    return await byDifference(manifest, before, wanted);
  } catch (error) {
    if (error instanceof PackRefused || error.status === NOT_FOUND) return new Map();
    throw error;
  }
};

/**
 * Ask for the latest pack and put it in place. Returns its list; `tell({done, total, left})` follows the
 * bytes. Throws Unreachable, Refusal, PackRefused: the pack in place is then untouched.
 */
export const download = async (tell = () => {}) => {
  const before = await current();
  const manifest = await get("packs/latest");
  await checkSeal(manifest, before?.manifest.signature.kid);
  const wanted = changed(manifest, before);
  const parts = await differences(manifest, before, wanted);
  const whole = wanted.filter((part) => !parts.has(part.name));
  const told = teller(whole.reduce((sum, part) => sum + part.bytes, 0), tell);
  for (const part of whole) {
    const bytes = await bytesOf(`${manifest.id}/${part.name}`, told);
    await checkPart(bytes, part);
    parts.set(part.name, bytes);
  }
  await put(manifest, parts, new Date().toISOString());
  return manifest;
};
