/** "Prêt hors ligne": what this device keeps, how old it is, its room, and bringing it up to date. */

import { byId, copy, fill, keepRows, words } from "../dom.js";
import { hush, tell, tellRefusal } from "../notices.js";
import { dayOf, timeOf, written } from "../days.js";
import { isEngineKept, keepEngine, onEngine } from "./engine_files.js";
import { engine } from "./estimate.js";
import { PackRefused, ensurePack, packInfo } from "./pack.js";
import { paced } from "./pack_download.js";

const KILO = 1000;
const MEGA = 1_000_000;

const sizeOf = (bytes) => {
  if (bytes < MEGA) return words("kilobytes", { count: String(Math.max(1, Math.round(bytes / KILO))) });
  return words("megabytes", { count: (bytes / MEGA).toFixed(1).replace(".", ",") });
};

const momentOf = (instant) => `${written(dayOf(instant))} ${timeOf(instant)}`;

const showPart = (row, part) =>
  fill(row, {
    name: words(`part_${part.name}`),
    rows: part.rows === null ? "" : words("rows", { count: String(part.rows) }),
    size: sizeOf(part.bytes),
  });

const showPack = async () => {
  const info = await packInfo();
  byId("none").hidden = Boolean(info);
  byId("pack").hidden = !info;
  byId("contents").hidden = !info;
  keepRows(byId("parts"), info?.parts ?? [], {
    key: ({ name }) => name,
    make: () => copy("t-part"),
    update: showPart,
  });
  if (!info) return;
  fill(byId("pack"), {
    made: momentOf(info.made_at),
    until: momentOf(info.valid_until),
    kept: momentOf(info.kept_at),
    size: sizeOf(info.bytes),
    isOver: !info.isValid,
  });
};

const showRoom = async () => {
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  const lasts = Boolean(await navigator.storage?.persisted?.());
  const mega = (bytes) => String(Math.round(bytes / MEGA));
  fill(byId("room"), {
    used: words("ofRoom", { used: mega(usage), all: mega(quota) }),
    persistence: words(lasts ? "lasting" : "perishable"),
  });
  byId("persist").hidden = lasts;
};

const showEngine = async () => {
  fill(byId("engine"), { state: words((await isEngineKept()) ? "engineKept" : "engineAbsent"), started: "" });
};

const showAll = () => Promise.all([showPack(), showRoom(), showEngine()]);

const showProgress = ({ done, total, left }, what = "downloading") => {
  const place = byId("progress");
  place.hidden = false;
  const figures = { done: sizeOf(done), total: sizeOf(total), left: String(left) };
  fill(place, { what: words(what), count: words(left === null ? "downloadDone" : "downloadLeft", figures) });
  Object.assign(place.querySelector("progress"), { max: Math.max(1, total), value: done });
};

const engineTeller = () =>
  paced(Number(byId("engine").dataset.bytes), (news) => news.done && showProgress(news, "fetchingEngine"));
let tellEngine = engineTeller();

/** Python, after the pack: fetched by any page of ours; here one sees how far it is. */
const fetchEngine = async () => {
  const info = await packInfo();
  if (!info) return;
  tellEngine = engineTeller();
  try {
    await keepEngine(info.id, tellEngine);
  } catch (error) {
    // The next page fetches what is missing; the line below says that it is not there yet.
    console.info("engine:", error.message);
  }
  byId("progress").hidden = true;
  await Promise.all([showEngine(), showRoom()]);
};

const tellFailure = (error) => {
  if (error instanceof PackRefused) {
    const what = words(error.code === "SEAL_CHANGED" ? "sealChanged" : "refusedPack");
    tell({ what, more: words("packKept"), retry: refresh, about: "pack" });
  } else {
    tellRefusal(error, { kept: words("packKept"), retry: refresh, about: "pack" });
  }
};

const refresh = async () => {
  const button = byId("refresh");
  if (button.disabled) return;
  button.disabled = true;
  hush("pack");
  try {
    const info = await ensurePack(showProgress);
    tell({ what: words("upToDate", { day: momentOf(info.made_at) }), state: "paid", about: "pack" });
  } catch (error) {
    tellFailure(error);
  } finally {
    byId("progress").hidden = true;
    button.disabled = false;
    await onEngine((done) => tellEngine(done));
showAll().then(fetchEngine);
  }
  await fetchEngine();
};

const tryEngine = async () => {
  fill(byId("engine"), { state: words("engineStarting"), started: "" });
  const ready = await engine();
  const seconds = ready ? (ready.started.ms / KILO).toFixed(1).replace(".", ",") : "";
  fill(byId("engine"), {
    state: words(ready ? "engineReady" : "engineFailed"),
    started: ready ? words("engineTook", { seconds, python: ready.started.python }) : "",
  });
};

const persist = async () => {
  const granted = await navigator.storage?.persist?.();
  if (!granted) tell({ what: words("persistRefused"), state: "held", about: "persist" });
  await showRoom();
};

byId("refresh").addEventListener("click", refresh);
byId("try-engine").addEventListener("click", tryEngine);
byId("persist").addEventListener("click", persist);
onEngine((done) => tellEngine(done));
showAll().then(fetchEngine);
