/**
 * Sending the queue: oldest first, at most 50 envelopes or 256 KB at once, one request in flight whatever
 * the number of tabs. No answer: the same bytes again, later and later; the server counts each once.
 */

import { get, post } from "../api.js";
import { anchorOf, refreshAnchor } from "./anchor.js";
import { announce, askOutcomes, record, tidy, unsent } from "./outbox.js";
import { isReachable, onConnection, probe, reached } from "./connection.js";
import { meta, setMeta } from "./store.js";

const MOST = 50;
const LARGEST = 256 * 1024;
const FIRST_DELAY = 1000;
const LONGEST_DELAY = 300_000;
const MOST_TRIES = 10;
const AN_HOUR = 3_600_000;
const BEAT = 30_000;
const A_SECOND = 1000;
const SOON = 2000;
const TOO_MANY = 429;
const SEAL_KEY = "seal-key";
const BACK_OFF = "back-off";

const batchOf = (waiting) => {
  let size = 0;
  const batch = [];
  for (const entry of waiting.slice(0, MOST)) {
    size += JSON.stringify(entry.envelope).length;
    if (batch.length && size > LARGEST) break;
    batch.push(entry);
  }
  return batch;
};

/** When the next try may be, by the class of the failure. */
const delayAfter = (error, tries) => {
  if (error.status === TOO_MANY) return AN_HOUR;
  const longest = Math.min(FIRST_DELAY * 2 ** tries, LONGEST_DELAY);
  return longest / 2 + Math.random() * (longest / 2);
};

const holdOff = async (error) => {
  const { tries = 0 } = (await meta(BACK_OFF)) ?? {};
  await setMeta(BACK_OFF, { tries: tries + 1, until: Date.now() + delayAfter(error, tries) });
};

const mayTry = async () => {
  const { tries = 0, until = 0 } = (await meta(BACK_OFF)) ?? {};
  return tries < MOST_TRIES && Date.now() >= until;
};

const sealKeyOf = async (batch) => {
  const kids = [...new Set(batch.map(({ device }) => device))];
  for (const kid of kids) {
    const anchor = await anchorOf(kid);
    if (anchor?.seal_key) return anchor.seal_key;
  }
  return (await meta(SEAL_KEY)) ?? learntSealKey();
};

/** Who carries another computer's file may have no device of their own: the sealed pack shows the key. */
const learntSealKey = async () => {
  const { signature } = await get("packs/latest");
  await setMeta(SEAL_KEY, signature.jwk);
  return signature.jwk;
};

/** One answer an envelope; they come too when an id was used for something else, which is refused. */
const answersTo = async (batch) => {
  try {
    return (await post("sync/envelopes", { envelopes: batch.map(({ envelope }) => envelope) })).answers;
  } catch (error) {
    if (!error.answers) throw error;
    return error.answers;
  }
};

const sendAll = async () => {
  let done = 0;
  for (let waiting = await unsent(); waiting.length; waiting = await unsent()) {
    const batch = batchOf(waiting);
    announce({ done, all: done + waiting.length });
    const good = await record(await answersTo(batch), await sealKeyOf(batch));
    await setMeta(BACK_OFF, { tries: 0, until: 0 });
    // Answers without a good receipt change nothing: what has not left stays, and is not asked for ever.
    if (!good) break;
    done += good;
  }
};

const sendOnce = async (byHand) => {
  if (!(await unsent()).length) return;
  if (!byHand && !(await mayTry())) return;
  try {
    await sendAll();
  } catch (error) {
    await holdOff(error);
    throw error;
  } finally {
    announce();
  }
};

/** Send what waits; `byHand` does not wait for the next try. Throws Refusal or Unreachable. */
export const drain = ({ byHand = false } = {}) =>
  navigator.locks.request("waraqa-drain", { ifAvailable: !byHand }, (lock) => (lock ? sendOnce(byHand) : null));

/** What is not a matter for the person at the screen: the next beat tries again. */
const quietly = async (work) => {
  try {
    await work();
  } catch (error) {
    if (error.isFinal === undefined) throw error;
  }
};

// Whether nothing answered since the last sending, and what a page does first when something does again.
let wasAway = !isReachable();
let spreading = Promise.resolve();

/**
 * After an outage nobody sends in the same second as everybody else: at an instant drawn within the window
 * that the server named. Who sends by hand does not wait.
 */
const spread = async () => {
  const [first] = await unsent();
  const anchor = first && (await anchorOf(first.device));
  const wait = Math.random() * (anchor?.send_window_seconds ?? 0) * A_SECOND;
  if (wait < 1) return;
  await setMeta(BACK_OFF, { tries: 0, until: Date.now() + wait });
  setTimeout(beat, wait);
};

const beat = () =>
  quietly(async () => {
    const waits = (await unsent()).length > 0;
    if (!(waits || !isReachable()) || !(await probe())) return;
    if (wasAway) {
      wasAway = false;
      spreading = spread();
    }
    await spreading;
    await drain();
  });

/** Drain by itself from now on: at once, when the network or the person comes back, every thirty seconds. */
export const drainAlways = () => {
  quietly(async () => {
    await tidy();
    await beat();
    await askOutcomes();
  });
  onConnection(() => {
    wasAway ||= !isReachable();
    beat();
  });
  addEventListener("online", () => probe());
  addEventListener("offline", () => {
    reached(false);
    // Not at once: a question asked before the cable was pulled may still be answered.
    setTimeout(probe, SOON);
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && beat());
  setInterval(beat, BEAT);
};

/** A fresh word of the server for this device: the next tries start anew. */
export const anchorHere = (kid) =>
  quietly(async () => {
    const { seal_key: sealKey } = await refreshAnchor(kid);
    await setMeta(SEAL_KEY, sealKey);
    await setMeta(BACK_OFF, { tries: 0, until: 0 });
  });
