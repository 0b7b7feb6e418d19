/**
 * What is typed and not yet sent. It lives in this tab only, encrypted (it names a patient): under the PIN's
 * key once one was chosen, under a key of this tab until then. It survives a reload and an expired sign-in,
 * and is gone with the tab. Another person signing in never sees it.
 */

import { base64url, fromBase64url } from "./offline/bytes.js";
import { currentKey, decrypted, encrypted } from "./offline/lock.js";

const TAB_KEY = "waraqa.tab";
const KEY_BYTES = 32;

const tabKey = () => {
  const kept = sessionStorage.getItem(TAB_KEY);
  const raw = kept ? fromBase64url(kept) : crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  if (!kept) sessionStorage.setItem(TAB_KEY, base64url(raw));
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
};

const opened = async (kept) => {
  const underPin = currentKey() && (await decrypted(currentKey(), kept));
  return underPin ?? decrypted(await tabKey(), kept);
};

export const draftOf = (name, owner) => {
  const place = `waraqa.${name}`;
  // One after the other: the last thing typed is the last thing kept.
  let turn = Promise.resolve();
  const next = (work) => {
    turn = turn.then(work);
    return turn;
  };
  return {
    async read() {
      const kept = JSON.parse(sessionStorage.getItem(place) ?? "null");
      if (kept?.owner === owner) {
        const text = await opened(kept);
        if (text !== null) return JSON.parse(text);
      }
      sessionStorage.removeItem(place);
      return null;
    },
    write(value) {
      const text = JSON.stringify(value);
      return next(async () => {
        const box = await encrypted(currentKey() ?? (await tabKey()), text);
        sessionStorage.setItem(place, JSON.stringify({ owner, ...box }));
      });
    },
    clear() {
      return next(() => sessionStorage.removeItem(place));
    },
  };
};
