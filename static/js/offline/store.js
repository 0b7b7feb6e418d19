/**
 * What this browser keeps of the work, in IndexedDB "waraqa-offline". Nothing readable of anybody's care:
 * `outbox` holds envelopes sealed for the server, `drafts` and `patients` what lock.js encrypted, `meta`
 * the anchor, the chain of each device and the lock itself.
 */

import { openDB } from "../../vendor/idb/index.js";

const NAME = "waraqa-offline";
const VERSION = 1;
// On disk before it is said to be kept: the default may still lie in the system's own memory.
const STRICT = { durability: "strict" };

let opening = null;

const database = () => {
  opening ??= openDB(NAME, VERSION, {
    upgrade(made) {
      made.createObjectStore("meta");
      made.createObjectStore("outbox", { keyPath: "id" });
      made.createObjectStore("drafts", { keyPath: "name" });
      made.createObjectStore("patients", { keyPath: "key" });
    },
    // Another tab brings a newer shape: this one lets go, and opens again at its next use.
    blocking: (_current, _blocked, event) => {
      event.target.close();
      opening = null;
    },
    terminated: () => {
      opening = null;
    },
  });
  return opening;
};

/** Run `work(stores, transaction)` in one strict transaction over the named stores; all of it or nothing. */
export const together = async (names, work) => {
  const transaction = (await database()).transaction(names, "readwrite", STRICT);
  const stores = Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)]));
  try {
    const result = await work(stores, transaction);
    await transaction.done;
    return result;
  } catch (error) {
    transaction.done.catch(() => null);
    try {
      transaction.abort();
    } catch (ended) {
      if (ended.name !== "InvalidStateError") throw ended;
    }
    throw error;
  }
};

export const readOne = async (store, key) => (await database()).get(store, key);
export const readAll = async (store) => (await database()).getAll(store);
export const write = (store, value, key) => together([store], (stores) => stores[store].put(value, key));
export const remove = (store, key) => together([store], (stores) => stores[store].delete(key));
export const empty = (...names) =>
  together(names, (stores) => Promise.all(names.map((name) => stores[name].clear())));

/** A marker of this browser: read, or null. */
export const meta = async (key) => (await readOne("meta", key)) ?? null;
export const setMeta = (key, value) => write("meta", value, key);
