/** The counter: one field to scan into; everything can be done without a mouse. */

import { post } from "../api.js";
import { byId, said, words } from "../dom.js";
import { startCareProfile } from "../care_profile.js";
import { today, written } from "../days.js";
import { draftOf } from "../drafts.js";
import { medicineByEan } from "../medicines.js";
import { hush, tell, tellRefusal } from "../notices.js";
import { ALPHABET, isFseNumber, normalised } from "../numbers.js";
import { startSafety } from "../safety.js";
import { goesOn, isReady } from "../offline/place.js";
import { either } from "../offline/source.js";
import { workplace } from "../session.js";
import { choose } from "./choosing.js";
import { closed, giveBack, open } from "./custody.js";
import { OWING, blank, prescriptionOf, scannedLines } from "./dispensing.js";
import { estimating, treatmentOf } from "./estimating.js";
import { gesturesOf } from "./gestures.js";
import { readPack } from "./gs1.js";
import { listenToKeys } from "./keyboard.js";
import { clearRefusal, refuseScan, showLines } from "./lines.js";
import { match } from "./matching.js";
import { addPack, refusedPack } from "./packs.js";
import { showPatient } from "./patient.js";
import { estimatedShare, proofIn, prove, readPresence, sendCode, showPresence } from "./presence.js";
import { sendDispensing } from "./sending.js";
import { showTotals, whyNot } from "./totals.js";

const NOT_FOUND = 404;
const NUMBER_LENGTH = 12;
const SECRET = new RegExp(`^[${ALPHABET}]{6}$`);
const CODE = /^WRQ1:/;

const store = {
  state: blank(),
  place: null,
  draft: null,
  estimate: null,
  isUnestimated: false,
  isReceipt: false,
  // A prescription that waits for its secret, or for a proof of presence, to be opened.
  closedNumber: "",
  get isLocked() {
    // A request without an answer is sent again as it was: nothing may change under it.
    return Boolean(this.state.sending);
  },
  keep() {
    return this.state.prescription ? this.draft.write(this.state) : this.draft.clear();
  },
  changed() {
    this.estimate = null;
    this.keep();
    show();
    estimate();
    this.safety?.check();
  },
  addBoxes(position, step) {
    const line = this.state.lines[position];
    const item = this.state.prescription.items.find((one) => one.position === position);
    if (!line || this.isLocked || line.boxes + step > item.left) return;
    line.boxes += step;
    this.state.last = position;
    line.packs = (line.packs ?? []).slice(0, line.boxes);
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
  showPresence(store.state.presence, scannedLines(store.state).length ? estimatedShare(store.estimate) : 0);
  byId("lines-sheet").inert = store.isLocked;
};

const estimate = estimating(store, () => show());

const removeLine = (position) => {
  delete store.state.lines[position];
  store.changed();
};

const placeOf = (number) => ({ number, provider: store.place.provider.inpe });

const opened = async (number, secret) => {
  const found = await open(number, store.place.provider.inpe, secret, (error) => tellRefusal(error));
  store.closedNumber = "";
  hush();
  store.state = { ...blank(), secret, prescription: prescriptionOf(found) };
  store.care.of(store.state.prescription.patient);
  store.changed();
  store.state.presence = await readPresence(placeOf(number));
  store.changed();
};

const ASKS_SECRET = new Set(["SECRET_MISSING", "SECRET_WRONG"]);

/** `secret` empty: the server says whether one is needed, or whether a proof of presence opens. */
const openPrescription = async (number, secret = "") => {
  if (store.state.prescription) {
    tell({ what: words("finishFirst"), state: "held", about: "scan" });
    return;
  }
  try {
    await opened(number, secret);
  } catch (error) {
    if (ASKS_SECRET.has(error.code)) store.closedNumber = number;
    tellRefusal(error, { about: "scan", kept: "", retry: () => openPrescription(number, secret) });
  }
};

const refusePaper = (what) => tell({ what, state: "fix", about: "scan" });

/** The paper alone, judged here with the keys of the pack; undefined when this browser has none. */
const openPaper = async (code) => {
  if (!isReady(store.place.device)) return undefined;
  // Reading a code weighs more than the whole counter: fetched when a paper is read here.
  const { readPaper } = await import("./paper.js");
  const read = await readPaper(code);
  if (read === undefined) return undefined;
  if (read.verdict === "GENUINE") {
    hush();
    store.state = { ...blank(), code, secret: read.secret, prescription: prescriptionOf(read.prescription) };
    tell({ what: words("fromPaper"), state: "offline", about: "paper" });
    store.changed();
  } else {
    refusePaper(words(`paper${read.verdict}`));
  }
  return true;
};

/** The whole code, judged by the server, which gives its number and its secret. */
const openJudged = async (code) => {
  const judged = await post("prescriptions/scan", { code });
  if (judged.verdict.code === "GENUINE") {
    await openPrescription(judged.fse_number, judged.secret ?? "");
    if (store.state.prescription?.fse_number === judged.fse_number) store.state.code = code;
  } else {
    refusePaper(said(judged.verdict.label));
  }
  return true;
};

const scanCode = async (code) => {
  if (store.state.prescription) {
    tell({ what: words("finishFirst"), state: "held", about: "scan" });
    return;
  }
  try {
    await either(() => openJudged(code), () => openPaper(code));
  } catch (error) {
    tellRefusal(error, { about: "scan", kept: "", retry: () => scanCode(code) });
  }
};

const offerProof = async (proof) => {
  const number = store.state.prescription?.fse_number ?? store.closedNumber;
  if (!number) {
    tell({ what: words("scanFirst"), state: "held", about: "scan" });
    return;
  }
  const answer = await prove(placeOf(number), proof);
  if (!answer) return;
  if (answer.isKept) store.state.proof = proof;
  if (store.state.prescription) {
    store.state.presence = answer;
    store.changed();
  } else if (answer.proof) {
    await openPrescription(number);
  }
};

const scanMedicine = async (pack) => {
  if (!store.state.prescription) {
    tell({ what: words("scanFirst"), state: "held", about: "scan" });
    return;
  }
  if (store.isLocked) return;
  try {
    const medicine = await medicineByEan(pack.ean, today());
    hush("scan");
    place(medicine, pack);
  } catch (error) {
    if (error.status === NOT_FOUND) refuseScan({ reason: "unknownMedicine", item: null }, { ean: pack.ean, name: "" });
    else tellRefusal(error, { about: "scan", retry: () => scanMedicine(pack) });
  }
};

const place = (medicine, pack) => {
  const { state } = store;
  const reason = refusedPack(pack, scannedLines(state));
  const found = reason ? { reason, item: null } : match(state.prescription.items, medicine, state.lines);
  if (found.reason) {
    refuseScan(found, { ...medicine, expiry: written(pack.expires_on) });
    return;
  }
  clearRefusal();
  const { position } = found.item;
  state.lines[position] ??= { medicine, kind: found.kind, boxes: 0, price: "", packs: [] };
  addPack(state.lines[position], pack);
  if (state.outcomes[position] !== OWING) delete state.outcomes[position];
  state.last = position;
  state.cursor = null;
  store.changed();
};

// Scans come faster than answers: each waits for the one before.
let queue = Promise.resolve();
/** What a typed or scanned text is, and what is done with it. */
const handlers = [
  (text) => CODE.test(text) && (() => scanCode(text)),
  (text) => {
    const pack = readPack(text);
    return pack && (() => scanMedicine(pack));
  },
  (text) => {
    const number = normalised(text);
    const [own, secret] = [number.slice(0, NUMBER_LENGTH), number.slice(NUMBER_LENGTH)];
    return isFseNumber(own) && (!secret || SECRET.test(secret)) && (() => openPrescription(own, secret));
  },
  (text) => {
    const proof = proofIn(text);
    return proof && (() => offerProof(proof));
  },
  (text) => {
    const secret = normalised(text);
    const number = store.closedNumber;
    return number && SECRET.test(secret) && (() => openPrescription(number, secret));
  },
];

const scan = (typed) => {
  const text = typed.trim();
  if (!text) return;
  queue = queue.then(async () => {
    if (store.isReceipt) nextPatient();
    for (const handler of handlers) {
      const act = handler(text);
      if (act) {
        await act();
        return;
      }
    }
    tell({ what: words("unknownScan"), state: "fix", about: "scan" });
  });
};

const nextPatient = () => {
  store.state = blank();
  store.care.of(null);
  store.estimate = null;
  store.isReceipt = false;
  store.closedNumber = "";
  store.keep();
  hush();
  clearRefusal();
  byId("receipt").hidden = true;
  show();
  byId("scan").focus();
};

/** Give the prescription back: at once when nothing was scanned, with a reason otherwise. */
const leave = async () => {
  const number = store.state.prescription?.fse_number;
  if (!number || store.isLocked) return;
  const hasWork = scannedLines(store.state).length > 0;
  const reason = hasWork ? await choose("why-leave") : "PATIENT_LEFT";
  if (!reason) return;
  nextPatient();
  try {
    await giveBack(number, store.place.provider.inpe, reason);
  } catch (error) {
    // Out of reach: a lease ends by itself, and a paper alone has none.
    if (!goesOn(error)) tellRefusal(error, { about: "scan", kept: "" });
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

const { owe, refuseLine, askAbout, moveCursor } = gesturesOf(store, () => show());

const numberAtHand = () => store.state.prescription?.fse_number ?? store.closedNumber;

// After the scans before it: the prescription may still be on its way.
const textCode = () => {
  queue = queue.then(async () => {
    if (numberAtHand()) await sendCode(placeOf(numberAtHand()));
    else tell({ what: words("scanFirst"), state: "held", about: "scan" });
  });
};

const attest = async () => {
  if (!store.state.prescription || store.isLocked) return;
  const reason = await choose("why-attest");
  if (reason) await offerProof({ level: "ATTESTATION", evidence: words(reason) });
};

const shortcuts = {
  F2: textCode,
  F3: attest,
  F4: owe,
  F8: refuseLine,
  F9: askAbout,
  ArrowUp: moveCursor(-1),
  ArrowDown: moveCursor(1),
  F6: partly,
  F7: () => byId("third-party").click(),
  "+": () => store.addBoxes(store.state.last, 1),
  "-": () => store.addBoxes(store.state.last, -1),
  Escape: () => (store.isReceipt ? nextPatient() : leave()),
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
  byId("send-code").addEventListener("click", textCode);
  byId("attest").addEventListener("click", attest);
  byId("owe").addEventListener("click", owe);
  byId("refuse-line").addEventListener("click", refuseLine);
  byId("ask").addEventListener("click", askAbout);
  byId("next-patient").addEventListener("click", nextPatient);
  listenToKeys({
    shortcuts,
    always: textCode,
    isIdle: () => !store.state.prescription && !store.isReceipt,
    finish: () => {
      if (store.isReceipt) nextPatient();
      else if (store.state.prescription) validate();
    },
  });
};

/** After a reload: the lease is taken again, and what was scanned is put back on its lines. */
const restore = async (kept) => {
  if (!kept?.prescription) return;
  const number = kept.prescription.fse_number;
  store.state = kept;
  if (!kept.sending) {
    try {
      const lost = (error) => tellRefusal(error);
      const found = await open(number, store.place.provider.inpe, kept.secret, lost);
      store.state.prescription = prescriptionOf(found);
      store.state.presence = await readPresence(placeOf(number));
    } catch (error) {
      if (error.isFinal) store.state = blank();
      if (!goesOn(error)) tellRefusal(error, { about: "scan", kept: "", retry: () => restore(kept) });
    }
  }
  store.care.of(store.state.prescription?.patient ?? null);
  store.changed();
  if (store.state.prescription) tell({ what: words("restored"), state: "equal", about: "draft" });
};

const start = async () => {
  store.place = await workplace(() => store.changed());
  if (!store.place) return;
  store.draft = draftOf("counter", store.place.user.id);
  store.safety = startSafety({ moment: "DISPENSING", ask: () => treatmentOf(store), remove: removeLine, changed: show });
  store.care = startCareProfile({ changed: () => store.safety.check() });
  wire();
  show();
  byId("scan").focus();
  await restore(await store.draft.read());
};

start();
