/**
 * Amounts with no network: the server's own engine, in a worker that starts when first needed and never
 * holds a page up. Where it cannot run, every estimate is null and the page goes on.
 */

import { WORKER } from "./engine_files.js";
import { rowsOf } from "./pack.js";
import { current, partBytes } from "./pack_store.js";

const PATIENCE = 60_000;

let running = null; // {id of the pack, made: promise of {ask, started}}
let broken = null; // id of the pack with which it could not start

const wired = (worker) => {
  const waiting = new Map();
  let serial = 0;
  let ready;
  const isReady = new Promise((resolve) => (ready = resolve));
  worker.addEventListener("message", ({ data }) => {
    if (data.ready) return ready();
    waiting.get(data.id)?.(data);
    waiting.delete(data.id);
  });
  return async (asked) => {
    await isReady;
    const id = (serial += 1);
    const answer = await new Promise((resolve) => {
      waiting.set(id, resolve);
      worker.postMessage({ id, ...asked });
    });
    if (answer.failed) throw new Error(answer.failed);
    return answer;
  };
};

const failing = (worker) =>
  new Promise((_resolve, reject) => {
    worker.addEventListener("error", (event) => reject(new Error(event.message || "worker")));
    setTimeout(() => reject(new Error("too long")), PATIENCE);
  });

const started = async () => {
  const [engine, law] = await Promise.all([partBytes("engine"), partBytes("law")]);
  const worker = new Worker(WORKER, { type: "module" });
  const ask = wired(worker);
  try {
    const begun = ask({ start: { engine, law: new TextDecoder().decode(law) } });
    const answer = await Promise.race([begun, failing(worker)]);
    return { ask, started: answer.started };
  } catch (error) {
    worker.terminate();
    throw error;
  }
};

/**
 * The engine of the pack in place: {ask, started: {python, law, ms}}, or null where it cannot run.
 * Calling it early starts it before it is needed.
 */
export const engine = async () => {
  const id = (await current())?.manifest.id;
  if (!id || broken === id) return null;
  if (running?.id !== id) running = { id, made: started() };
  try {
    return await running.made;
  } catch {
    broken = id;
    running = null;
    return null;
  }
};

const versionsOf = (rows, codes, nameOf) => {
  const wanted = new Set(codes);
  const found = Object.fromEntries([...wanted].map((code) => [code, []]));
  for (const row of Object.values(rows)) if (wanted.has(nameOf(row))) found[nameOf(row)].push(row);
  return found;
};

/** The rows of the pack that the lines of a draft name: what the engine prices them with. */
const listed = async (lines) => {
  const eans = lines.map((line) => line.ean).filter(Boolean);
  const medicines = (await rowsOf("medicines")) ?? {};
  const acts = (await rowsOf("acts")) ?? {};
  return {
    acts: versionsOf(acts, lines.map((line) => line.act).filter(Boolean), (row) => row.act),
    medicines: Object.fromEntries(eans.map((ean) => [ean, medicines[ean] ?? null])),
  };
};

/**
 * What the engine would decide of a draft, as POST estimates answers it, with `assumed` (codes) and
 * `seen_on`: what was taken for granted. `facts`: {received_date, treatment_end_date, provider: {inpe,
 * sector, agreements}, known (what the server last said of the patient, or null), lines: [{position, act
 * or ean, quantity, charged, care_date, illness}]}. Null where it cannot be estimated.
 */
export const estimate = async (facts) => {
  const ready = await engine();
  if (!ready) return null;
  try {
    const { answer } = await ready.ask({ estimate: { ...facts, ...(await listed(facts.lines)) } });
    return JSON.parse(answer);
  } catch {
    return null;
  }
};
