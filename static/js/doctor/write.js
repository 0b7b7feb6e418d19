/** The consultation page: holds the state, keeps the draft, shows the estimate, opens the review. */

import { post } from "../api.js";
import { startCareProfile } from "../care_profile.js";
import { byId, quietly, words } from "../dom.js";
import { draftOf } from "../drafts.js";
import { centimes, dirhams } from "../money.js";
import { hush, tell, tellRefusal } from "../notices.js";
import { startSafety } from "../safety.js";
import { estimated } from "../offline/reference.js";
import { goTo } from "../offline/leaving.js";
import { either } from "../offline/source.js";
import { workplace } from "../session.js";
import { showActs, startActs } from "./acts.js";
import {
  actFault,
  blank,
  chargedInAll,
  claimDocument,
  doseOf,
  isCoded,
  medicineFault,
  medicinesInAll,
  missing,
} from "./consultation.js";
import { showPaper, startPaper, whyPaperNot } from "./paper.js";
import { findPatient, showPatient } from "./patient.js";
import { showPrescription, startPrescription } from "./prescription.js";
import { openPreparation, prepare, showPreparations, startProtocols } from "./protocols.js";
import { startSigning } from "./signing.js";

const ESTIMATE_PAUSE = 350;

const store = {
  state: blank(),
  place: null,
  draft: null,
  estimate: null,
  isUnestimated: false,
  keep() {
    return this.state.patient ? this.draft.write(this.state) : this.draft.clear();
  },
  show() {
    show();
  },
  changed() {
    this.keep();
    show();
    estimate();
    this.safety?.check();
  },
};

const estimate = quietly(async () => {
  const { state, place } = store;
  if (!place?.provider || !state.patient || !state.acts.length || state.acts.some(actFault)) {
    store.estimate = null;
    return show();
  }
  const asked = claimDocument(state, undefined, place.provider.inpe);
  try {
    store.estimate = await either(
      () => post("estimates", { document: asked }),
      async () => (await estimated({ document: asked, provider: place.provider, patient: state.patient })) ?? null,
    );
    store.isUnestimated = !store.estimate;
    hush("estimate");
  } catch (error) {
    store.estimate = null;
    tellRefusal(error, { about: "estimate", kept: "", retry: estimate });
  }
  return show();
}, ESTIMATE_PAUSE);

/** Who prepares and does not sign. */
const isDelegate = () => store.place?.provider?.standing === "DELEGATE";

const whyNot = () => {
  const lack = missing(store.state);
  if (lack?.empty) return words("whyNoLine");
  if (lack) return words("whyLine", { where: words(lack.where), number: lack.number });
  const paper = whyPaperNot(store.state);
  if (paper) return paper;
  if (store.safety?.waiting()) return words("safetyWaiting");
  if (isDelegate()) return store.state.medicines.length ? "" : words("whyPrepare");
  return store.place?.device ? "" : words("noDevice");
};

const showTotals = () => {
  const { state, estimate: judged } = store;
  const charged = chargedInAll(state);
  const share = judged ? centimes(judged.total_reimbursed) : null;
  byId("total-charged").textContent = dirhams(charged);
  byId("total-reimbursed").textContent = share === null ? (store.isUnestimated ? "–" : "…") : dirhams(share);
  byId("total-unknown").hidden = !store.isUnestimated || !state.acts.length;
  byId("total-review").hidden = !judged?.needs_review;
  byId("third-party").checked = state.thirdParty;
  byId("to-pay").textContent = dirhams(state.thirdParty && share !== null ? charged - share : charged);
  const medicines = medicinesInAll(state);
  byId("medicines-cost").hidden = !medicines;
  if (medicines) {
    byId("medicines-cost").textContent = words("medicinesCost", { total: dirhams(medicines) });
  }
  if (!state.acts.length) byId("total-reimbursed").textContent = dirhams(0);
  const why = whyNot();
  byId("sign").disabled = Boolean(why);
  byId("sign-why").textContent = why;
};

const TIMING = { "starts-on": "startsOn", "repeat-count": "repeatCount", "repeat-days": "repeatDays" };

const showTiming = () => {
  for (const [id, name] of Object.entries(TIMING)) {
    if (byId(id) !== document.activeElement) byId(id).value = store.state[name] ?? "";
  }
};

const show = () => {
  if (!store.state.patient) return;
  showStatements();
  showPrescription(store);
  showTiming();
  showActs(store);
  showPaper(store);
  showTotals();
  // A request without an answer is sent again as it was: nothing may change under it.
  byId("forms").inert = isWaiting(store.state.sending);
  byId("third-party").disabled = isWaiting(store.state.sending);
};

const isWaiting = (sending) =>
  ["prescription", "claim"].some((part) => sending?.[part] && !sending[part].answer);

/** What the safety check is asked: the medicines, with the doses and durations that can be read. */
const treatment = () => {
  const { state, place } = store;
  const lines = state.medicines
    .map((line, index) => ({ line, position: index + 1 }))
    .filter(({ line }) => line.medicine);
  if (!place?.provider || !state.patient || !lines.length) return null;
  return {
    provider: place.provider.inpe,
    patient: state.patient.id,
    fse_number: null,
    lines: lines.map(({ line, position }) => ({
      position,
      ean: line.kind === "MEDICINE" ? line.medicine.ean : null,
      inn: line.kind === "INN" ? line.medicine.substance : null,
      dose: isCoded(line) && !medicineFault(line) ? doseOf(line) : null,
      days: /^[1-9]\d{0,2}$/.test(line.days) ? Number(line.days) : 1,
    })),
  };
};

/** A maximum dose overridden with a reason is the doctor's « je dis bien ». */
const showStatements = () => {
  const over = new Set(store.safety?.overMaximum() ?? []);
  store.state.medicines.forEach((line, index) => {
    line.overMaximum = over.has(index + 1);
  });
};

const choosePatient = (person) => {
  store.state = { ...blank(), patient: person };
  store.safety.forget();
  hush();
  showPatient(person);
  store.care.of(person);
  store.changed();
  byId("medicine").focus();
};

const choosePreparation = (signing) => (preparation) => {
  choosePatient(preparation.patient);
  openPreparation(store, preparation);
  store.changed();
  if (!byId("sign").disabled && !isDelegate()) signing.review();
};

const leavePatient = () => {
  store.state = blank();
  store.estimate = null;
  store.keep();
  hush();
  showPatient(null);
  store.care.of(null);
  showPreparations(store, store.openPreparation);
};

const KEYS = {
  F4: () => byId("act").focus(),
  F7: () => byId("third-party").click(),
  F9: () => byId("renew").click(),
};

const wireKeys = () => {
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]") || !store.state.patient) return;
    if (event.key === "Enter" && event.ctrlKey && !byId("sign").disabled) {
      event.preventDefault();
      byId("sign").click();
    } else if (event.key in KEYS) {
      event.preventDefault();
      KEYS[event.key]();
    }
  });
};

const wirePage = () => {
  const signing = startSigning(store, async (number, paper) => {
    store.state = blank();
    await store.keep();
    const address = byId("page").dataset.sent.replace("000000000000", number);
    goTo(paper ? `${address}#${paper}` : address);
  });
  startPrescription(store);
  startActs(store);
  startPaper(store);
  store.safety = startSafety({
    moment: "PRESCRIBING",
    ask: treatment,
    remove: (position) => {
      store.state.medicines.splice(position - 1, 1);
      store.changed();
    },
    changed: show,
  });
  store.care = startCareProfile({ changed: () => store.safety.check() });
  findPatient(choosePatient);
  byId("change-patient").addEventListener("click", leavePatient);
  byId("sign").addEventListener("click", () =>
    isDelegate() ? prepare(store, leavePatient) : signing.review(),
  );
  byId("sign").firstElementChild.textContent = words(isDelegate() ? "prepareIt" : "checkAndSign");
  store.openPreparation = choosePreparation(signing);
  startProtocols(store, () => signing.review());
  for (const [id, name] of Object.entries(TIMING)) {
    byId(id).addEventListener("input", (event) => {
      store.state[name] = event.target.value;
      store.changed();
    });
  }
  byId("third-party").addEventListener("change", (event) => {
    store.state.thirdParty = event.target.checked;
    store.changed();
  });
  wireKeys();
};

const start = async () => {
  store.place = await workplace(() => store.changed());
  if (!store.place) return;
  store.draft = draftOf("consultation", store.place.user.id);
  const kept = await store.draft.read();
  if (kept) store.state = kept;
  wirePage();
  showPatient(store.state.patient);
  store.care.of(store.state.patient);
  if (!kept) {
    showPreparations(store, store.openPreparation);
    return;
  }
  store.changed();
  tell({ what: words("restored"), state: "equal", about: "draft" });
};

start();
