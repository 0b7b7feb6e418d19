/**
 * The PIN of this browser (docs/adr: "A PIN for what stays in the browser"). A random AES-256 key encrypts
 * drafts, kept sheets and the list of patients; it is itself stored only wrapped under the PIN
 * (PBKDF2-SHA-256, 600,000 rounds: OWASP Password Storage Cheat Sheet, 2023). Unlocked, it lives in memory
 * and passes from page to page through the service worker, never through a disk. Signing out destroys it.
 */

import { base64url, fromBase64url, utf8 } from "./bytes.js";
import { empty, meta, setMeta, together } from "./store.js";

const ROUNDS = 600_000;
const TRIES = 5;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const IV_BYTES = 12;
const HANDOVER_LIMIT = 1500;
export const SHORTEST_PIN = 6;

let unlocked = null;
let holder = null;

const lockName = (owner) => `lock:${owner}`;
const random = (count) => crypto.getRandomValues(new Uint8Array(count));

const usable = (raw) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);

const keyOfPin = async (pin, salt, rounds) => {
  const typed = await crypto.subtle.importKey("raw", utf8(pin.normalize("NFKC")), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  return crypto.subtle.deriveKey(how, typed, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
};

/** Encrypt a JSON value: {iv, box}, both base64url. */
export const encrypted = async (key, value) => {
  const iv = random(IV_BYTES);
  const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, utf8(JSON.stringify(value)));
  return { iv: base64url(iv), box: base64url(box) };
};

/** The value of `encrypted`; null when another key made it. */
export const decrypted = async (key, { iv, box }) => {
  try {
    const how = { name: "AES-GCM", iv: fromBase64url(iv) };
    return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how, key, fromBase64url(box))));
  } catch (error) {
    if (error.name !== "OperationError") throw error;
    return null;
  }
};

const worker = () => navigator.serviceWorker?.controller ?? null;

const give = () => {
  if (unlocked) worker()?.postMessage({ order: "give", key: unlocked, owner: holder });
};

const others = "BroadcastChannel" in globalThis ? new BroadcastChannel("waraqa-lock") : null;

/** The key as a page that is closing, or another tab, hands it over. */
const handedOver = (owner) =>
  new Promise((resolve) => {
    const found = (key) => key && resolve(key);
    setTimeout(() => resolve(null), HANDOVER_LIMIT);
    const channel = new MessageChannel();
    channel.port1.onmessage = ({ data }) => found(data);
    worker()?.postMessage({ order: "take", owner }, [channel.port2]);
    others?.addEventListener("message", ({ data }) => data.to === owner && found(data.key));
    others?.postMessage({ ask: owner });
  });

others?.addEventListener("message", ({ data }) => {
  if (data.ask && data.ask === holder && unlocked) others.postMessage({ to: holder, key: unlocked });
  if (data.forgotten) unlocked = null;
});
addEventListener("pagehide", give);

const use = (key, owner) => {
  unlocked = key;
  holder = owner;
  return key;
};

/** Whether this person has chosen a PIN in this browser. */
export const hasPin = async (owner) => Boolean(await meta(lockName(owner)));

/** The key in use, or null. */
export const currentKey = () => unlocked;

/** The key of this person, from this page or one just left; null when the PIN must be typed. */
export const keyAtHand = async (owner) => {
  if (unlocked && holder === owner) return unlocked;
  if (!(await hasPin(owner))) return null;
  const key = await handedOver(owner);
  return key ? use(key, owner) : null;
};

/** Choose a PIN: a new key, wrapped under it. */
export const choosePin = async (owner, pin) => {
  const [raw, salt] = [random(KEY_BYTES), random(SALT_BYTES)];
  const wrapped = await encrypted(await keyOfPin(pin, salt, ROUNDS), base64url(raw));
  await empty("drafts", "patients");
  await setMeta(lockName(owner), { salt: base64url(salt), rounds: ROUNDS, wrapped, left: TRIES });
  return use(await usable(raw), owner);
};

/** Open with the PIN: {key} or {left}, the tries that stay. At none, what it protected is destroyed. */
export const unlock = async (owner, pin) => {
  const lock = await meta(lockName(owner));
  // The try is counted before it is judged: killing the page does not give it back.
  await setMeta(lockName(owner), { ...lock, left: lock.left - 1 });
  const derived = await keyOfPin(pin, fromBase64url(lock.salt), lock.rounds);
  const raw = await decrypted(derived, lock.wrapped);
  if (raw) {
    await setMeta(lockName(owner), { ...lock, left: TRIES });
    return { key: use(await usable(fromBase64url(raw)), owner), left: TRIES };
  }
  if (lock.left <= 1) await destroy();
  return { key: null, left: lock.left - 1 };
};

/** Destroy the key and all it protects; the sealed queue stays, for whoever signs in to send it. */
export const destroy = async () => {
  unlocked = null;
  holder = null;
  others?.postMessage({ forgotten: true });
  worker()?.postMessage({ order: "forget" });
  await together(["meta", "drafts", "patients"], async ({ meta: marks, drafts, patients }) => {
    const names = (await marks.getAllKeys()).filter((name) => /^(lock|place):/.test(name));
    await Promise.all([...names.map((name) => marks.delete(name)), drafts.clear(), patients.clear()]);
  });
};
