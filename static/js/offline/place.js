/**
 * Who works at this browser when the network is away: the last session the server confirmed, encrypted under
 * the PIN. Somebody else signing in, a revoked device or signing out destroys it.
 */

import { byId, fill, words } from "../dom.js";
import { isReachable } from "./connection.js";
import { forgetOldSheets } from "./kept.js";
import {
  SHORTEST_PIN,
  choosePin,
  currentKey,
  decrypted,
  destroy,
  encrypted,
  hasPin,
  keyAtHand,
  unlock,
} from "./lock.js";
import { loadReference } from "./reference.js";
import { isAway } from "./source.js";
import { anchorHere } from "./sending.js";
import { meta, readOne, setMeta, together } from "./store.js";

const ANCHOR_EVERY = 1_800_000;
const placeName = (owner) => `place:${owner}`;

const othersWereHere = (owner) =>
  together(["meta"], async ({ meta: marks }) =>
    (await marks.getAllKeys()).some((name) => name.startsWith("lock:") && name !== `lock:${owner}`),
  );

/** Ask for the PIN until it opens, or until the person leaves it for later; the key, or null. */
const askPin = (owner) =>
  new Promise((resolve) => {
    const dialog = byId("unlock");
    if (!dialog) return resolve(null);
    const field = byId("unlock-pin");
    const say = (text) => fill(dialog, { fault: text });
    say("");
    byId("unlock-form").onsubmit = async (event) => {
      event.preventDefault();
      const { key, left } = await unlock(owner, field.value);
      field.value = "";
      if (key || left < 1) return finish(key);
      say(left === 1 ? words("pinWrongLast") : words("pinWrong", { left }));
      field.focus();
      return undefined;
    };
    const finish = (key) => {
      dialog.onclose = null;
      dialog.close();
      resolve(key);
    };
    dialog.onclose = () => resolve(null);
    byId("unlock-later").onclick = () => finish(null);
    dialog.showModal();
    field.focus();
    return undefined;
  });

const opened = async (owner) => (await keyAtHand(owner)) ?? ((await hasPin(owner)) ? askPin(owner) : null);

/** The session this browser remembers for whom the page was made; undefined when it cannot be opened. */
export const rememberedSession = async () => {
  const { owner } = document.body.dataset;
  if (!owner || !(await opened(owner))) return undefined;
  const kept = await readOne("meta", placeName(owner));
  return (kept && (await decrypted(currentKey(), kept))) ?? undefined;
};

const remember = async (session, kid) => {
  const { id } = session.user;
  await setMeta(placeName(id), { kid, ...(await encrypted(currentKey(), session)) });
};

/** The server confirmed a session: what is another person's, or a revoked device's, goes. */
export const arrived = async (session, device) => {
  const { id } = session.user;
  const before = await meta(placeName(id));
  const revoked = before && !session.devices.some(({ kid }) => kid === before.kid);
  if (revoked || (await othersWereHere(id))) await destroy();
  if (!device || !(await opened(id))) return;
  await remember(session, device.kid);
  await forgetOldSheets();
  stayAnchored(device.kid);
  loadReference();
};

/** A counter stays open all day: the hour the server signed is never old while there is a network. */
const stayAnchored = async (kid) => {
  setInterval(() => isReachable() && anchorHere(kid), ANCHOR_EVERY);
  await anchorHere(kid);
};

/** The key of whom this page was made for, asked of the person when it must be. */
export const keyHere = async () => {
  const { owner } = document.body.dataset;
  return owner ? opened(owner) : null;
};

/** Whether the page goes on by itself after this failure: nothing answers, and this browser is prepared. */
export const goesOn = (error) => isAway(error) && Boolean(currentKey());

/** Whether this browser can work with no network: a device that signs, and a PIN that was typed. */
export const isReady = (device) => Boolean(device && currentKey());

/** Offer the PIN to a browser that signs and has none. */
export const offerPin = async (session, device) => {
  const card = byId("pin-card");
  if (!card || !device || (await hasPin(session.user.id))) return;
  card.hidden = false;
  byId("pin-form").onsubmit = async (event) => {
    event.preventDefault();
    const pin = byId("pin-new").value;
    if (pin.length < SHORTEST_PIN) return;
    byId("pin-send").disabled = true;
    await choosePin(session.user.id, pin);
    byId("pin-new").value = "";
    await remember(session, device.kid);
    await navigator.storage?.persist?.();
    await stayAnchored(device.kid);
    byId("pin-form").hidden = true;
    await loadReference(showProgress);
    fill(card, { ready: words("pinReady") });
  };
};

const showProgress = ({ done, total, left }) => {
  const bar = byId("pin-progress");
  byId("pin-loading").hidden = false;
  bar.max = total || 1;
  bar.value = done;
  const mega = (bytes) => (bytes / 1_000_000).toFixed(1).replace(".", ",");
  fill(byId("pin-loading"), {
    done: words("packProgress", { done: mega(done), all: mega(total) }),
    left: left ? words("packLeft", { seconds: left }) : "",
  });
};
