/** The files the engine needs beside the pack (Python itself), kept once so that it starts with no network. */

const FOLDER = new URL("../../vendor/pyodide/", import.meta.url).href;
const CACHE = "waraqa-engine";
const NAMES = ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json"];
const MARK = "/engine-of-pack";
const NOT_MODIFIED = 304;

/** Where the worker's own script is: its policy alone lets WebAssembly be compiled. */
export const WORKER = "/postes/hors-ligne/moteur.js";

const news = "BroadcastChannel" in globalThis ? new BroadcastChannel("waraqa-engine") : null;
const addresses = () => [...NAMES.map((name) => FOLDER + name), WORKER];
const kept = (cache, address) => cache.match(address, { ignoreVary: true });

/** Call `listener(bytes)` while another tab fetches the engine: how many have come. */
export const onEngine = (listener) => news?.addEventListener("message", ({ data }) => listener(data));

/** What an answer must not be any more to be fetched again. */
const unlessSame = (copy) => {
  const [tag, day] = ["ETag", "Last-Modified"].map((name) => copy?.headers.get(name));
  return { ...(tag && { "If-None-Match": tag }), ...(day && { "If-Modified-Since": day }) };
};

/** The answer again, telling the bytes as they pass. */
const counted = (response, told) => {
  const counter = new TransformStream({
    transform(piece, out) {
      told(piece.byteLength);
      out.enqueue(piece);
    },
  });
  return new Response(response.body.pipeThrough(counter), response);
};

const keepFile = async (cache, address, told) => {
  const copy = await kept(cache, address);
  const headers = unlessSame(copy);
  const response = await fetch(address, { cache: "no-store", credentials: "same-origin", headers });
  if (response.status === NOT_MODIFIED) {
    told((await copy.blob()).size);
    return;
  }
  if (!response.ok || response.redirected) throw new Error(`${response.status} ${address}`);
  await cache.put(address, counted(response, told));
};

const keepFiles = async (tell) => {
  const cache = await caches.open(CACHE);
  let done = 0;
  const told = (bytes) => {
    done += bytes;
    tell(done);
    news?.postMessage(done);
  };
  for (const address of addresses()) await keepFile(cache, address, told);
};

/** Whether every file is kept here. */
export const isEngineKept = async () => {
  const cache = await caches.open(CACHE);
  const found = await Promise.all(addresses().map((address) => kept(cache, address)));
  return found.every(Boolean);
};

/** Whether the files kept here were looked at since the pack of this id came. */
const isFresh = async (pack) => {
  const mark = await (await caches.open(CACHE)).match(MARK);
  return (await mark?.text()) === pack && isEngineKept();
};

/**
 * Fetch what is not kept yet, or changed since the pack before; `tell(bytes)` follows what comes. Two tabs
 * fetch it once: the second waits. Throws what fetch throws; whole files stay, the next call goes on there.
 */
export const keepEngine = (pack, tell = () => {}) =>
  navigator.locks.request("waraqa-engine", async () => {
    if (await isFresh(pack)) return;
    await keepFiles(tell);
    await (await caches.open(CACHE)).put(MARK, new Response(pack));
  });
