/** The counter: one field to scan into; everything can be done without a mouse. */

import { post } from "../api.js";
import { byId, quietly, words } from "../dom.js";
import { today } from "../days.js";
import { draftOf } from "../drafts.js";
import { medicineByEan } from "../medicines.js";
import { hush, tell, tellRefusal } from "../notices.js";
import { isEan, isFseNumber, normalised } from "../numbers.js";
import { workplace } from "../session.js";
import { closed, giveBack, open } from "./custody.js";
import { blank, chargeOf, dispensingDocument, prescriptionOf, scannedLines } from "./dispensing.js";
import { clearRefusal, refuseScan, showLines } from "./lines.js";
import { match } from "./matching.js";
import { showPatient } from "./patient.js";
import { sendDispensing } from "./sending.js";
import { showTotals, whyNot } from "./totals.js";

const ESTIMATE_PAUSE = 150;
const NOT_FOUND = 404;

const store = {
  state: blank(),
  place: null,
  draft: null,
  estimate: null,
  isReceipt: false,
  get isLocked() {
    // A request without an answer is sent again as it was: nothing may change under it.
    return Boolean(this.state.sending);
  },
  keep() {
    if (this.state.prescription) this.draft.write(this.state);
    else this.draft.clear();
  },
  changed() {
    this.estimate = null;
    this.keep();
    show();
    estimate();
  },
  addBoxes(position, step) {
    const line = this.state.lines[position];
    const item = this.state.prescription.items.find((one) => one.position === position);
    if (!line || this.isLocked || line.boxes + step > item.left) return;
    line.boxes += step;
    this.state.last = position;
    if (!line.boxes) delete this.state.lines[position];
    clearRefusal();
    this.changed();
  },
};

const show = () => {
  const isOpen = Boolean(store.state.prescription);
  byId("idle").hidden = isOpen || store.isReceipt || !store.place;
  byId("counter").hidden = !isOpen || store.isReceipt;
  if (!isOpen || store.isReceipt) return;
  showPatient(store.state.prescription);
  showLines(store);
  showTotals(store);
  byId("lines-sheet").inert = store.isLocked;
};

const estimate = quietly(async () => {
  const { state, place } = store;
  const lines = state.prescription ? scannedLines(state) : [];
  if (!lines.length || lines.some((line) => !chargeOf(line)) || store.isReceipt) return;
  const asked = JSON.stringify(dispensingDocument(state, place.provider.inpe));
  try {
    const answer = await post("estimates", { document: JSON.parse(asked) });
    if (asked !== JSON.stringify(dispensingDocument(store.state, place.provider.inpe))) return;
    store.estimate = answer;
    hush("estimate");
  } catch (error) {
    tellRefusal(error, { about: "estimate", kept: "", retry: estimate });
  }
  show();
}, ESTIMATE_PAUSE);

const openPrescription = async (number) => {
  if (store.state.prescription) {
    tell({ what: words("finishFirst"), state: "held", about: "scan" });
    return;
  }
  try {
    const found = await open(number, store.place.provider.inpe, (error) => tellRefusal(error));
    hush();
    store.state = { ...blank(), prescription: prescriptionOf(found) };
    store.changed();
  } catch (error) {
    tellRefusal(error, { about: "scan", kept: "", retry: () => openPrescription(number) });
  }
};

const scanMedicine = async (ean) => {
  if (!store.state.prescription) {
    tell({ what: words("scanFirst"), state: "held", about: "scan" });
    return;
  }
  if (store.isLocked) return;
  try {
    const medicine = await medicineByEan(ean, today());
    hush("scan");
    place(medicine);
  } catch (error) {
    if (error.status === NOT_FOUND) refuseScan({ reason: "unknownMedicine", item: null }, { ean, name: "" });
    else tellRefusal(error, { about: "scan", retry: () => scanMedicine(ean) });
  }
};

const place = (medicine) => {
  const { state } = store;
  const found = match(state.prescription.items, medicine, state.lines);
  if (found.reason) {
    refuseScan(found, medicine);
    return;
  }
  clearRefusal();
  const { position } = found.item;
  state.lines[position] ??= { medicine, kind: found.kind, boxes: 0, price: "" };
  state.lines[position].boxes += 1;
  state.last = position;
  store.changed();
};

// Scans come faster than answers: each waits for the one before.
let queue = Promise.resolve();
const scan = (typed) => {
  const text = typed.trim();
  if (!text) return;
  const number = normalised(text);
  queue = queue.then(async () => {
    if (store.isReceipt) nextPatient();
    if (isEan(text.replace(/\s/g, ""))) await scanMedicine(text.replace(/\s/g, ""));
    else if (isFseNumber(number)) await openPrescription(number);
    else tell({ what: words("unknownScan"), state: "fix", about: "scan" });
  });
};

const nextPatient = () => {
  store.state = blank();
  store.estimate = null;
  store.isReceipt = false;
  store.keep();
  hush();
  clearRefusal();
  byId("receipt").hidden = true;
  show();
  byId("scan").focus();
};

const leave = async () => {
  const number = store.state.prescription?.fse_number;
  if (!number || store.isLocked) return;
  nextPatient();
  try {
    await giveBack(number, store.place.provider.inpe);
  } catch (error) {
    tellRefusal(error, { about: "scan", kept: "" });
  }
};

const validate = () => {
  if (!whyNot(store)) sendDispensing(store, { done: closed, show });
};

const partly = () => {
  if (!store.state.prescription || store.isLocked) return;
  store.state.partial = true;
  store.changed();
};

const shortcuts = {
  F6: partly,
  F7: () => byId("third-party").click(),
  "+": () => store.addBoxes(store.state.last, 1),
  "-": () => store.addBoxes(store.state.last, -1),
  Escape: () => (store.isReceipt ? nextPatient() : leave()),
};

const isTyping = (target) => target.matches?.("input:not([type=checkbox]), select") && target.value !== "";

const onKey = (event) => {
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (event.ctrlKey && event.key === "Enter") {
    event.preventDefault();
    if (store.isReceipt) nextPatient();
    else if (store.state.prescription) validate();
    return;
  }
  const act = shortcuts[event.key];
  const isPlain = event.key.length === 1 && isTyping(event.target);
  if (!act || isPlain || event.ctrlKey || event.altKey || event.metaKey) return;
  if (!store.state.prescription && !store.isReceipt) return;
  event.preventDefault();
  act();
};

const wire = () => {
  byId("scan-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = byId("scan").value;
    byId("scan").value = "";
    if (!typed.trim() && store.isReceipt) nextPatient();
    else scan(typed);
  });
  byId("third-party").addEventListener("change", (event) => {
    store.state.thirdParty = event.target.checked;
    store.changed();
  });
  byId("validate").addEventListener("click", validate);
  byId("partial").addEventListener("click", partly);
  byId("give-back").addEventListener("click", leave);
  byId("next-patient").addEventListener("click", nextPatient);
  document.addEventListener("keydown", onKey);
};

/** After a reload: the lease is taken again, and what was scanned is put back on its lines. */
const restore = async (kept) => {
  if (!kept?.prescription) return;
  const number = kept.prescription.fse_number;
  store.state = kept;
  if (!kept.sending) {
    try {
      const found = await open(number, store.place.provider.inpe, (error) => tellRefusal(error));
      store.state.prescription = prescriptionOf(found);
    } catch (error) {
      if (error.isFinal) store.state = blank();
      tellRefusal(error, { about: "scan", kept: "", retry: () => restore(kept) });
    }
  }
  store.changed();
  if (store.state.prescription) tell({ what: words("restored"), state: "equal", about: "draft" });
};

const start = async () => {
  store.place = await workplace(() => store.changed());
  if (!store.place) return;
  store.draft = draftOf("counter", store.place.user.id);
  wire();
  show();
  byId("scan").focus();
  await restore(store.draft.read());
};

start();
