/** Every page of a work place: the worker that keeps it, the connection pill, the queue that drains, and leaving. */

import { byId, language } from "../dom.js";
import { isReachable, onConnection } from "./connection.js";
import { watchLeaving } from "./leaving.js";
import { onWidth, showPill } from "./pill.js";
import { onOutbox } from "./outbox.js";
import { drainAlways } from "./sending.js";

const { owner, pages } = document.body.dataset;
let asked = false;

const keepPages = async () => {
  const { active } = await navigator.serviceWorker.ready;
  if (isReachable()) {
    active.postMessage({ order: "pages", owner, language: language(), paths: JSON.parse(pages) });
  }
};

/** A new release waits: nobody's work is interrupted, one press changes over. */
const offerUpdate = (registration) => {
  const show = () => {
    const line = byId("update-line");
    line.hidden = false;
    byId("update-now").onclick = () => {
      asked = true;
      registration.waiting.postMessage({ order: "activate" });
    };
  };
  if (registration.waiting && navigator.serviceWorker.controller) show();
  registration.addEventListener("updatefound", () => {
    const fresh = registration.installing;
    fresh.addEventListener("statechange", () => {
      if (fresh.state === "installed" && navigator.serviceWorker.controller) show();
    });
  });
};

const startWorker = async () => {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("controllerchange", () => asked && location.reload());
  try {
    offerUpdate(await navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" }));
    await keepPages();
  } catch (error) {
    // Without network the worker in place goes on; without a right to one, the page works online only.
    console.info("service worker:", error.message);
  }
};

startWorker();
showPill();
onConnection(() => showPill());
onWidth(() => showPill());
onOutbox((progress) => showPill(progress));
watchLeaving();
drainAlways();
