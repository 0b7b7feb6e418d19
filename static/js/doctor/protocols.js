/**
 * What is written in one gesture: the practice's protocols on keys 1 to 9, the last prescription renewed,
 * what a delegate prepared.
 */

import { call, get, newKey, post } from "../api.js";
import { byId, copy, words } from "../dom.js";
import { tell, tellRefusal } from "../notices.js";
import { goesOn } from "../offline/place.js";
import { personName } from "../people.js";
import { prescribedLine } from "./consultation.js";
import { addWritten } from "./written.js";

const KEYS = 9;
const DIGIT = /^Digit([1-9])$/;

let protocols = [];

const told = (gone) => {
  if (gone.length) tell({ what: words("gone", { eans: gone.join(", ") }), about: "gone" });
};

/** Put the lines of a protocol in the prescription. */
const use = (store, key) => {
  const protocol = protocols.find((each) => each.key === key);
  if (!protocol) return;
  told(addWritten(store.state, protocol));
  store.changed();
  byId("medicine").focus();
};

const showKeys = (store) => {
  const chips = protocols.map((protocol) => {
    const chip = copy("t-protocol", { key: protocol.key, name: protocol.name });
    chip.addEventListener("click", () => use(store, protocol.key));
    return chip;
  });
  byId("protocols").replaceChildren(...chips);
  byId("protocols").hidden = !chips.length;
};

const load = async (store) => {
  try {
    protocols = (await get("protocols")).results;
    showKeys(store);
  } catch (error) {
    if (!goesOn(error)) tellRefusal(error, { kept: "", about: "protocols" });
  }
};

const freeKey = () => {
  const taken = new Set(protocols.map(({ key }) => key));
  return Array.from({ length: KEYS }, (_, index) => index + 1).find((key) => !taken.has(key)) ?? 1;
};

const wireSaving = (store) => {
  const dialog = byId("protocol");
  byId("keep-protocol").addEventListener("click", () => {
    byId("protocol-key").value = freeKey();
    byId("protocol-name").value = store.state.medicines[0]?.medicine?.name ?? "";
    dialog.showModal();
    byId("protocol-name").select();
  });
  dialog.querySelector('[data-act="back"]').addEventListener("click", () => dialog.close());
  byId("protocol-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = {
      provider: store.place.provider.inpe,
      key: Number(byId("protocol-key").value),
      name: byId("protocol-name").value.trim(),
      lines: store.state.medicines.map(prescribedLine),
    };
    dialog.close();
    try {
      const { name, key } = await post("protocols", body, { key: newKey() });
      tell({ what: words("protocolKept", { name, key }), state: "paid", about: "protocols" });
      await load(store);
    } catch (error) {
      tellRefusal(error, { about: "protocols" });
    }
  });
};

/** The last prescription again, straight to the review: one gesture, one confirmation. */
const renew = async (store, review) => {
  try {
    const last = await get(`renewals/${store.state.patient.id}`);
    const gone = addWritten(store.state, last);
    store.changed();
    told(gone);
    if (!gone.length && !byId("sign").disabled) review();
  } catch (error) {
    tellRefusal(error, { kept: "", about: "renewal" });
  }
};

/** Wire keys 1 to 9 (Alt and a digit while typing), F9, and the button that keeps a protocol. */
export const startProtocols = (store, review) => {
  load(store);
  wireSaving(store);
  byId("renew").addEventListener("click", () => renew(store, review));
  document.addEventListener("keydown", (event) => {
    const digit = DIGIT.exec(event.code);
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (!digit || !store.state.patient || document.querySelector("dialog[open]")) return;
    if (event.ctrlKey || event.metaKey || (typing && !event.altKey)) return;
    event.preventDefault();
    use(store, Number(digit[1]));
  });
};

const waiting = (store, preparation, choose) => {
  const element = copy("t-preparation", {
    name: personName(preparation.patient),
    by: preparation.prepared_by,
    count: words("lineCount", { count: preparation.lines.length }),
  });
  element.querySelector('[data-act="open"]').addEventListener("click", () => choose(preparation));
  element.querySelector('[data-act="drop"]').addEventListener("click", async () => {
    await call("DELETE", `preparations/${preparation.id}`).catch((error) => tellRefusal(error));
    showPreparations(store, choose);
  });
  return element;
};

/** Show what waits for a signature, above the search of a patient; `choose(preparation)` opens one. */
export const showPreparations = async (store, choose) => {
  try {
    const { results } = await get("preparations");
    byId("preparations").replaceChildren(...results.map((each) => waiting(store, each, choose)));
    byId("preparations-sheet").hidden = !results.length;
  } catch (error) {
    if (!goesOn(error)) tellRefusal(error, { kept: "", about: "preparations" });
  }
};

/** Send the lines to the prescriber; `done()` once they wait there. */
export const prepare = async (store, done) => {
  const { state, place } = store;
  const lines = state.medicines.map(prescribedLine);
  const body = { provider: place.provider.inpe, patient: state.patient.id, lines };
  store.preparing ??= newKey();
  try {
    await post("preparations", body, { key: store.preparing });
    store.preparing = null;
    done();
    tell({ what: words("prepared"), state: "paid", about: "preparations" });
  } catch (error) {
    if (error.isFinal) store.preparing = null;
    tellRefusal(error, { about: "preparations" });
  }
};

/** Fill the page with what was prepared. */
export const openPreparation = (store, preparation) => {
  store.state.preparation = preparation.id;
  told(addWritten(store.state, preparation));
};
