/**
 * The reference pack on this device: its sealed list, its parts as bytes, in a database with no personal
 * data. A pack is written whole in one transaction: until then the one before stays in place.
 */

import { openDB } from "../../vendor/idb/index.js";

const CURRENT = "current";

let opened = null;

const database = () =>
  (opened ??= openDB("waraqa-pack", 1, {
    upgrade(db) {
      db.createObjectStore("packs");
      db.createObjectStore("parts");
    },
  }));

/** {manifest, kept_at} of the pack in place, or null. */
export const current = async () => (await (await database()).get("packs", CURRENT)) ?? null;

/** The bytes of a part of the pack in place, or null. */
export const partBytes = async (name) => (await (await database()).get("parts", name)) ?? null;

/** Put a pack in place: its list and the parts that changed, all or nothing. */
export const put = async (manifest, parts, keptAt) => {
  const db = await database();
  const writing = db.transaction(["packs", "parts"], "readwrite", { durability: "strict" });
  for (const [name, bytes] of parts) writing.objectStore("parts").put(bytes, name);
  writing.objectStore("packs").put({ manifest, kept_at: keptAt }, CURRENT);
  await writing.done;
};

/** Forget the pack, and the key it was sealed by. */
export const forget = async () => {
  const db = await database();
  const writing = db.transaction(["packs", "parts"], "readwrite");
  writing.objectStore("packs").clear();
  writing.objectStore("parts").clear();
  await writing.done;
};
