/**
 * The queue of this browser: one envelope a document, numbered and chained by device, signed by the device
 * key, sealed for the server, on disk before the screen says "kept" (docs/offline.md). It leaves only
 * against a receipt that the server's seal signed.
 */

import { post } from "../api.js";
import { words } from "../dom.js";
import { signed } from "../keys.js";
import { anchorOf, chainName, clockEvidence } from "./anchor.js";
import { hashOf, newId } from "./bytes.js";
import { dayOf, passesDay, usage } from "./limits.js";
import { packId } from "./reference.js";
import { sealed, verified } from "./seal.js";
import { meta, readAll, together } from "./store.js";

const TYPE = "waraqa/envelope";
const FILE = "waraqa/outbox";
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Not sent yet. Every other state is the outcome the server gave. */
export const KEPT = "KEPT";
const SETTLED = new Set(["APPLIED", "REFUSED"]);
const LIFE_OF_A_RECEIPT = 7 * 24 * 3_600_000;

const news = new EventTarget();
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("waraqa-outbox") : null;
channel?.addEventListener("message", ({ data }) => tellHere(data));

const tellHere = (detail) => news.dispatchEvent(Object.assign(new Event("change"), { detail }));

/** Tell this tab and the others that the queue changed; `progress` is {done, all} while sending. */
export const announce = (progress = null) => {
  channel?.postMessage(progress);
  tellHere(progress);
};

/** Call `listener(progress)` at every change, whichever tab made it. */
export const onOutbox = (listener) => news.addEventListener("change", ({ detail }) => listener(detail));

/** The document could not be kept: nothing was signed, and the page says why. */
export class NotKept extends Error {
  constructor(word, values = {}) {
    super(word);
    this.isFinal = true;
    this.isSignedOut = false;
    this.status = 0;
    this.errors = [];
    this.whole = words(word, values);
  }
}

/** Every entry, oldest first. */
export const entries = async () =>
  (await readAll("outbox")).sort((one, other) => one.device.localeCompare(other.device) || one.sequence - other.sequence);

/** Entries that have not left. */
export const unsent = async () => (await entries()).filter((entry) => entry.state === KEPT);

const initialsOf = (name) =>
  name
    .split(/\s+/)
    .filter(Boolean)
    .map((part) => `${[...part][0]}.`)
    .join(" ");

const put = async (entry, before) => {
  await together(["meta", "outbox"], async ({ meta: marks, outbox }) => {
    const chain = await marks.get(chainName(entry.device));
    if ((chain?.sequence ?? 0) !== before.sequence) throw new Error("another tab took this number");
    await marks.put({ sequence: entry.sequence, hash: entry.hash }, chainName(entry.device));
    await outbox.add(entry);
  });
};

const stored = async (entry, before) => {
  try {
    await put(entry, before);
  } catch (error) {
    if (error.name === "QuotaExceededError") throw new NotKept("storageFull");
    throw error;
  }
};

const composed = async ({ device, kind, body, pathArguments, code, presence, screen }, anchor, before) => {
  const said = { body, path_arguments: pathArguments ?? {}, code: code ?? null, presence: presence ?? null };
  const inside = screen ? { ...said, shown: screen.shown } : said;
  const envelope = {
    type: TYPE,
    version: 1,
    id: newId(),
    sequence: before.sequence + 1,
    previous: before.hash,
    kind,
    ...clockEvidence(anchor),
    pack: screen?.pack ?? (await packId()),
    sealed: await sealed(inside, anchor.sealing_key),
  };
  return signed(device, envelope);
};

const inTurn = async (what) => {
  const { kid } = what.device;
  const anchor = await anchorOf(kid);
  if (!anchor) throw new NotKept("noAnchor");
  const { locked } = await usage(kid);
  if (locked) throw new NotKept("limitReached");
  const total = what.summary.total ?? null;
  const patientDay = await dayOf(kid, what.body);
  if (await passesDay(kid, patientDay, total)) throw new NotKept("patientDay");
  const before = (await meta(chainName(kid))) ?? { sequence: 0, hash: kid };
  const envelope = await composed(what, anchor, before);
  const { id, sequence } = envelope.document;
  const entry = {
    id,
    device: kid,
    sequence,
    hash: await hashOf(envelope.document),
    kind: what.kind,
    number: what.summary.number,
    initials: initialsOf(what.summary.name),
    total,
    patientDay,
    at: Date.now(),
    state: KEPT,
    envelope,
  };
  await stored(entry, before);
  announce();
  return entry;
};

/**
 * Keep a document for later: `what` is {device, kind, body, pathArguments, code, presence, screen (shownOf),
 * summary: {number, name, total in centimes}}. Resolves once it is on disk. Throws NotKept.
 */
export const keepForLater = (what) =>
  navigator.locks.request(`waraqa-chain-${what.device.kid}`, () => inTurn(what));

/** What an answer of the server makes of an entry; null when its receipt is not the seal's. */
const receipted = async (entry, answer, sealKey) => {
  const said = await verified(answer.receipt, sealKey);
  const isOurs = said?.id === entry.id && said.hash === entry.hash && said.outcome === answer.outcome;
  if (!isOurs) return null;
  const { envelope: _gone, ...line } = entry;
  const { outcome, code, message, repair, receipt } = answer;
  return { ...line, state: outcome, code, message, repair, receipt, answeredAt: Date.now() };
};

/** Record the answers of the server; returns how many receipts were good. */
export const record = async (answers, sealKey) => {
  const own = new Map((await entries()).map((entry) => [entry.id, entry]));
  const known = answers.filter(({ id }) => own.has(id));
  const lines = (await Promise.all(known.map((each) => receipted(own.get(each.id), each, sealKey)))).filter(Boolean);
  await together(["outbox"], ({ outbox }) => Promise.all(lines.map((line) => outbox.put(line))));
  announce();
  return lines.length;
};

/** Ask again what became of what the server holds without having settled it. */
export const askOutcomes = async () => {
  const open = (await entries()).filter(({ state }) => state !== KEPT && !SETTLED.has(state));
  if (!open.length) return;
  const { answers } = await post("sync/outcomes", { ids: open.map(({ id }) => id) });
  for (const answer of answers) {
    const { device } = open.find(({ id }) => id === answer.id) ?? {};
    const anchor = device && (await anchorOf(device));
    if (anchor) await record([answer], anchor.seal_key);
  }
};

/** Let go of receipts a week old; what was refused stays until it was read. */
export const tidy = async () => {
  const limit = Date.now() - LIFE_OF_A_RECEIPT;
  const old = (await entries()).filter(({ state, answeredAt }) => state === "APPLIED" && answeredAt < limit);
  await dismiss(old.map(({ id }) => id));
};

/** Take receipt lines away; an envelope that has not left cannot be taken away. */
export const dismiss = async (ids) => {
  if (!ids.length) return;
  await together(["outbox"], async ({ outbox }) => {
    for (const id of ids) {
      const entry = await outbox.get(id);
      if (entry && entry.state !== KEPT) await outbox.delete(id);
    }
  });
  announce();
};

/** What has not left, as a file that another computer can send. */
export const exported = async () => {
  const envelopes = (await unsent()).map(({ envelope }) => envelope);
  return new Blob([JSON.stringify({ type: FILE, version: 1, envelopes })], { type: "application/json" });
};

const isEnvelope = (each) =>
  each?.document?.type === TYPE &&
  ID.test(each.document.id) &&
  Number.isInteger(each.document.sequence) &&
  typeof each.document.device === "string" &&
  typeof each.signature === "string";

/** Take somebody else's file into this queue: {taken, known}. Throws NotKept when it is no such file. */
export const imported = async (text) => {
  let read;
  try {
    read = JSON.parse(text);
  } catch {
    throw new NotKept("fileWrong");
  }
  const whole = read?.type === FILE && Array.isArray(read.envelopes) && read.envelopes.every(isEnvelope);
  if (!whole) throw new NotKept("fileWrong");
  const before = new Set((await entries()).map(({ id }) => id));
  const fresh = read.envelopes.filter(({ document }) => !before.has(document.id));
  const lines = await Promise.all(fresh.map(carried));
  await together(["outbox"], ({ outbox }) => Promise.all(lines.map((line) => outbox.put(line))));
  announce();
  return { taken: lines.length, known: read.envelopes.length - lines.length };
};

const carried = async (envelope) => {
  const { id, device, sequence, kind, wall } = envelope.document;
  const at = Date.parse(wall) || Date.now();
  const hash = await hashOf(envelope.document);
  return { id, device, sequence, hash, kind, number: "", initials: "", total: null, at, state: KEPT, carried: true, envelope };
};
