/** The queue of this browser, one row a document; and what this browser has to work with. */

import { byId, copy, fill, keepRows, said, words } from "../dom.js";
import { dayOf, timeOf, written } from "../days.js";
import { dirhams } from "../money.js";
import { tell, tellRefusal } from "../notices.js";
import { grouped } from "../numbers.js";
import { workplace } from "../session.js";
import { anchorOf } from "./anchor.js";
import { usage } from "./limits.js";
import { KEPT, dismiss, entries, exported, imported, onOutbox } from "./outbox.js";
import { packDate } from "./reference.js";
import { drain } from "./sending.js";

const A_MINUTE = 60_000;
const MEANING = { KEPT: "offline", APPLIED: "paid", REFUSED: "fix", RECEIVED: "equal" };
const MEGA = 1_000_000;
let device = null;

const ageOf = (at) => {
  const minutes = Math.max(0, Math.floor((Date.now() - at) / A_MINUTE));
  if (minutes < 60) return words("minutes", { count: minutes });
  if (minutes < 48 * 60) return words("hours", { count: Math.floor(minutes / 60) });
  return words("days", { count: Math.floor(minutes / (24 * 60)) });
};

const whenOf = (at) => (at ? words("on", { day: written(dayOf(at)), time: timeOf(at) }) : words("never"));

/** What was applied needs no word, but that its paper came first. */
const isSilent = ({ state, code }) => state === "APPLIED" && code !== "ALREADY_ON_PAPER";

const show = (element, entry) => {
  fill(element, {
    sequence: entry.sequence,
    kind: words(`kind_${entry.kind}`),
    initials: entry.initials,
    number: grouped(entry.number),
    age: ageOf(entry.at),
    state: words(`state_${entry.state}`),
    why: isSilent(entry) ? "" : said(entry.message),
    canDismiss: entry.state === "REFUSED" || entry.state === "APPLIED",
  });
  element.querySelector(".badge").dataset.state = MEANING[entry.state] ?? "held";
};

const made = (entry) => {
  const element = copy("t-entry");
  element.querySelector("button").addEventListener("click", () => dismiss([entry.id]));
  return element;
};

/** What has not left first, oldest first; then the receipts, the last one first. */
const ordered = (all) => {
  const waiting = all.filter(({ state }) => state === KEPT).sort((one, other) => one.at - other.at);
  const answered = all.filter(({ state }) => state !== KEPT).sort((one, other) => other.answeredAt - one.answeredAt);
  return [...waiting, ...answered];
};

const summaryOf = (waiting) => {
  if (!waiting.length) return words("summaryNone");
  if (waiting.length === 1) return words("summaryOne");
  return words("summaryMany", { count: waiting.length, age: ageOf(Math.min(...waiting.map(({ at }) => at))) });
};

const showEntries = async (progress) => {
  const all = ordered(await entries());
  const waiting = all.filter(({ state }) => state === KEPT);
  keepRows(byId("entries"), all, { key: ({ id }) => id, make: made, update: show });
  byId("entries-empty").hidden = all.length > 0;
  byId("summary").textContent = summaryOf(waiting);
  byId("progress").hidden = !progress;
  if (!progress) return;
  fill(byId("progress"), { progress: words("progress", progress) });
  Object.assign(byId("progress").querySelector("progress"), { max: progress.all, value: progress.done });
};

const LIMITS = {
  minutes: { name: "hoursLimit", shown: (value) => String(Math.floor(value / 60)) },
  sheets: { name: "sheetsLimit", shown: String },
  amount: { name: "amountLimit", shown: dirhams },
};

const limitShown = ({ name, used, limit }) => {
  const { name: word, shown } = LIMITS[name];
  const element = copy("t-limit", {
    name: words(word),
    used: words("ofLimit", { used: shown(used), limit: shown(limit) }),
  });
  Object.assign(element.querySelector("progress"), { max: limit, value: Math.min(used, limit) });
  element.querySelector("progress").setAttribute("aria-label", words(word));
  return element;
};

const showFacts = async () => {
  const anchor = device && (await anchorOf(device.kid));
  const { usage: bytes = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  const lasts = await navigator.storage?.persisted?.();
  const mega = (count) => String(Math.round(count / MEGA));
  fill(byId("facts"), {
    contact: whenOf(anchor?.at),
    pack: whenOf(await packDate()),
    used: words("megabytes", { used: mega(bytes), all: mega(quota) }),
    persistence: words(lasts ? "lasting" : "perishable"),
  });
  byId("persist").hidden = Boolean(lasts);
  const { parts } = device ? await usage(device.kid) : { parts: [] };
  byId("limits").replaceChildren(...parts.map(limitShown));
};

const sendNow = async () => {
  const waiting = (await entries()).filter(({ state }) => state === KEPT).length;
  if (!waiting) {
    tell({ what: words("nothingToSend"), state: "equal", about: "sending" });
    return;
  }
  try {
    await drain({ byHand: true });
    tell({ what: words("sent"), state: "paid", about: "sending" });
  } catch (error) {
    tellRefusal(error, { kept: words("keptHere"), retry: sendNow, about: "sending" });
  }
};

const exportFile = async () => {
  const waiting = (await entries()).filter(({ state }) => state === KEPT);
  if (!waiting.length) {
    tell({ what: words("nothingToExport"), state: "equal", about: "file" });
    return;
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await exported());
  link.download = `waraqa-${new Date().toISOString().slice(0, 16).replace(/[T:]/g, "-")}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
  tell({ what: words("exportedFile", { count: waiting.length }), state: "paid", about: "file" });
};

const importFile = async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  try {
    tell({ what: words("importedFile", await imported(await file.text())), state: "paid", about: "file" });
  } catch (error) {
    tellRefusal(error, { kept: "", about: "file" });
  }
  event.target.value = "";
};

const persist = async () => {
  const granted = await navigator.storage?.persist?.();
  tell({ what: words(granted ? "granted" : "notGranted"), state: granted ? "paid" : "held", about: "persist" });
  await showFacts();
};

const start = async () => {
  const absent = new URLSearchParams(location.search).get("absente");
  if (absent) tell({ what: words("absent", { page: absent }), state: "offline", about: "absent" });
  byId("send-now").addEventListener("click", sendNow);
  byId("export").addEventListener("click", exportFile);
  byId("import").addEventListener("change", importFile);
  byId("persist").addEventListener("click", persist);
  onOutbox(showEntries);
  await showEntries();
  device = (await workplace((place) => {
    device = place.device;
  }))?.device ?? null;
  await showFacts();
};

start();
