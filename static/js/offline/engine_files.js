/** The files the engine needs beside the pack (Python itself), kept once so that it starts with no network. */

const FOLDER = new URL("../../vendor/pyodide/", import.meta.url).href;
const CACHE = "waraqa-engine";
const NAMES = ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json"];

/** Where the worker's own script is: its policy alone lets WebAssembly be compiled. */
export const WORKER = "/postes/hors-ligne/moteur.js";

const addresses = () => [...NAMES.map((name) => FOLDER + name), WORKER];

/** Fetch what is not kept yet, or changed; `tell({done, total})` counts files. Throws what fetch throws. */
export const keepEngine = async (tell = () => {}) => {
  const cache = await caches.open(CACHE);
  const total = addresses().length;
  for (const [done, address] of addresses().entries()) {
    tell({ done, total });
    const response = await fetch(address, { cache: "no-cache", credentials: "same-origin" });
    if (!response.ok || response.redirected) throw new Error(`${response.status} ${address}`);
    await cache.put(address, response);
  }
  tell({ done: total, total });
};

/** Whether every file is kept here. */
export const isEngineKept = async () => {
  const cache = await caches.open(CACHE);
  const found = await Promise.all(addresses().map((address) => cache.match(address, { ignoreVary: true })));
  return found.every(Boolean);
};
