/**
 * Check your answers, then one gesture: both documents are signed under one FSE number and sent, each with
 * its own idempotency key. What was accepted is never sent again; what got no answer is sent as it was.
 */

import { newKey, post } from "../api.js";
import { makeCode } from "../code.js";
import { byId, copy, fill, listed, words } from "../dom.js";
import { signed } from "../keys.js";
import { dirhams, typedDirhams } from "../money.js";
import { grouped, mintFseNumber } from "../numbers.js";
import { tellRefusal } from "../notices.js";
import { keepSheet } from "../offline/kept.js";
import { keptHere } from "../offline/keeping.js";
import { shownOf } from "../offline/reference.js";
import { either } from "../offline/source.js";
import { personDetail, personName } from "../people.js";
import { keptSheetOf } from "./kept_sheet.js";
import {
  chargedInAll,
  claimDocument,
  doseOf,
  isCoded,
  paperNumber,
  prescriptionDocument,
} from "./consultation.js";

const PARTS = [
  { name: "prescription", path: "prescriptions", kind: "prescription", document: prescriptionDocument, lines: "medicines" },
  { name: "claim", path: "claims", kind: "care_claim", document: claimDocument, lines: "acts" },
];

const boxesWord = (count) => (count === 1 ? words("oneBox") : words("boxes", { count }));

const recapMedicine = (line) => {
  const { morning, noon, evening, bedtime } = doseOf(line);
  const shown = (dose) => dose.replace(".", ",");
  const timed = line.kind !== "ORDER";
  const rest = [
    timed ? words("recapRest", { days: line.days, boxes: boxesWord(Number(line.boxes)) }) : "",
    line.substitution || line.kind !== "MEDICINE" ? "" : words("recapNoSubstitution"),
    line.overMaximum ? words("iSayWell") : "",
  ];
  const substance = line.kind === "INN" ? line.medicine.substance : null;
  return copy("t-recap-medicine", {
    name: substance
      ? `${substance.name} ${line.medicine.strength}`.trim()
      : (line.medicine?.name ?? line.wording),
    isCoded: isCoded(line),
    morning: shown(morning),
    noon: shown(noon),
    evening: shown(evening),
    bedtime: shown(bedtime),
    wording: line.medicine && (line.inWords || !isCoded(line)) ? line.pattern : "",
    rest: listed(rest),
  });
};

const recap = (store) => {
  const { state } = store;
  fill(byId("review"), {
    name: personName(state.patient),
    detail: personDetail(state.patient),
    hasMedicines: state.medicines.length > 0,
    hasActs: state.acts.length > 0,
    toPay: byId("to-pay").textContent,
    paperNumber: grouped(paperNumber(state)),
  });
  byId("review-medicines").replaceChildren(...state.medicines.map(recapMedicine));
  byId("review-acts").replaceChildren(
    ...state.acts.map((line) =>
      copy("t-recap-act", { label: line.act.label, charged: dirhams(typedDirhams(line.charged)) }),
    ),
  );
};

/** The number of a part: a paper sheet's is the care sheet's alone, a prescription always has one minted here. */
const numberOf = (part, state) =>
  (part.name === "claim" && paperNumber(state)) || state.sending.fseNumber;

/** The sheet to show first, and the paper sheet's number when the prescription bears another. */
const sheetsSent = (state) => {
  const paper = paperNumber(state);
  return paper && !state.medicines.length ? [paper, ""] : [state.sending.fseNumber, paper];
};

/** Wire the review; `sent(number, paper)` once everything was accepted. */
export const startSigning = (store, sent) => {
  const dialog = byId("review");
  let busy = false;
  const send = async () => {
    if (busy) return;
    busy = true;
    byId("send").disabled = true;
    try {
      await sendAll(store);
      await sent(...sheetsSent(store.state));
    } catch (error) {
      dialog.close();
      explain(store, error, send);
    } finally {
      busy = false;
      byId("send").disabled = false;
      store.keep();
      store.show();
    }
  };
  dialog.querySelector('[data-act="back"]').addEventListener("click", () => dialog.close());
  byId("send").addEventListener("click", send);
  return {
    review() {
      recap(store);
      dialog.showModal();
      byId("send").focus();
    },
  };
};

const sendAll = async (store) => {
  const { state, place } = store;
  if (!state.sending) state.alerts = store.safety.overrides();
  state.sending ??= { fseNumber: mintFseNumber(place.device.prefix) };
  for (const part of PARTS) {
    if (state[part.lines].length && !state.sending[part.name]?.answer) await sendPart(store, part);
  }
};

/** What is sent: the signed document; a prescription brings the code of its paper, signed by the same key. */
const bodyOf = async (part, document, { state, place }) => {
  const body = await signed(place.device, document);
  if (part.name !== "prescription") return body;
  const code = await makeCode(place.device, body.document, state.patient);
  return state.preparation ? { ...body, code, preparation: state.preparation } : { ...body, code };
};

/** The same signed body in the queue, and the sheet kept to be shown and printed here. */
const keepPart = async (part, { body, screen }, store) => {
  const { state, place, estimate } = store;
  const number = numberOf(part, state);
  const total = part.name === "claim" ? chargedInAll(state) : null;
  const summary = { number, name: state.patient.full_name, total };
  const entry = await keptHere({ device: place.device, kind: part.kind, body, screen, summary });
  if (entry) await keepSheet(`sheet:${number}:${part.name}`, keptSheetOf(part, body, { state, estimate }));
  return entry;
};

const sendPart = async (store, part) => {
  const { state, place } = store;
  const { sending } = state;
  if (!sending[part.name]) {
    const document = part.document(state, numberOf(part, state), place.provider.inpe);
    const screen = part.name === "claim" ? shownOf(store.estimate, document) : null;
    sending[part.name] = { body: await bodyOf(part, document, store), screen, key: newKey() };
    await store.keep();
  }
  const { body, key } = sending[part.name];
  try {
    const answer = await either(
      () => post(part.path, body, { key }),
      () => keepPart(part, sending[part.name], store),
    );
    sending[part.name].answer = Boolean(answer);
  } catch (error) {
    if (error.isFinal) delete sending[part.name];
    throw error;
  } finally {
    store.keep();
  }
};

const explain = (store, error, retry) => {
  const { sending } = store.state;
  const accepted = Boolean(sending.prescription?.answer);
  if (error.isFinal && !accepted) store.state.sending = null;
  const kept = accepted
    ? words("prescriptionKept", { number: sending.fseNumber })
    : words(error.isFinal ? "nothingSent" : "unsure");
  tellRefusal(error, { kept, retry, about: "sending" });
};
