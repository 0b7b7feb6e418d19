/** Signs and sends a dispensing; what got no answer is sent again as it was, under the same key. */

import { newKey, post } from "../api.js";
import { byId, words } from "../dom.js";
import { signed } from "../keys.js";
import { tell, tellRefusal } from "../notices.js";
import { keptHere } from "../offline/keeping.js";
import { barred } from "../offline/limits.js";
import { shownOf } from "../offline/reference.js";
import { either } from "../offline/source.js";
import { giveBack } from "./custody.js";
import { OUT_OF_STOCK, blank, chargeOf, dispensingDocument, scannedLines, withheld } from "./dispensing.js";
import { showNothingGiven, showReceipt } from "./receipt.js";

let busy = false;

const DISPENSINGS = "dispensings";

/** Every line was answered without a box: the prescription is given back and the counter is free. */
const nothingGiven = async (store) => {
  const { state, place } = store;
  store.state = blank();
  store.keep();
  showNothingGiven(state);
  const reasons = withheld(state);
  const reason = reasons.every((line) => line.reason === OUT_OF_STOCK) ? OUT_OF_STOCK : "OTHER";
  await giveBack(state.prescription.fse_number, place.provider.inpe, reason);
};

/**
 * What is sent, and where: a signed dispensing, with what the screen showed without network; where nothing is
 * handed over, only why, which nobody bills.
 */
const prepared = async ({ state, place, estimate }) => {
  const provider = place.provider.inpe;
  if (scannedLines(state).length) {
    const document = dispensingDocument(state, provider);
    const screen = shownOf(estimate, document);
    return { address: DISPENSINGS, body: await signed(place.device, document), screen };
  }
  const address = `prescriptions/${state.prescription.fse_number}/outcomes`;
  return { address, body: { provider, lines: withheld(state) } };
};

/** The same signed dispensing in the queue, with the paper's code and the proof that was offered. */
const keepDispensing = async ({ state, place, estimate }, { address, body, screen }) => {
  if (address !== DISPENSINGS) return undefined;
  const lines = scannedLines(state);
  const why = await barred(place.device.kid, lines.map(({ medicine }) => medicine));
  if (why) {
    tell({ what: words(why), state: "fix", about: "queue" });
    return undefined;
  }
  const { fse_number: number, patient } = state.prescription;
  const total = lines.reduce((sum, line) => sum + chargeOf(line), 0);
  const summary = { number, name: patient.full_name, total };
  const { code, proof: presence } = state;
  const entry = await keptHere({ device: place.device, kind: "dispensing", body, code, presence, screen, summary });
  return entry && { id: "", isKept: true, decision: estimate };
};

/** `done()` once accepted; `show()` brings the page in step. */
export const sendDispensing = async (store, { done, show }) => {
  if (busy) return;
  busy = true;
  byId("validate").disabled = true;
  const { state } = store;
  try {
    state.sending ??= { ...(await prepared(store)), key: newKey() };
    await store.keep();
    const { address, body, key } = state.sending;
    const answer = await either(
      () => post(address, body, { key }),
      () => keepDispensing(store, state.sending),
    );
    store.isReceipt = address === DISPENSINGS;
    store.draft.clear();
    done();
    if (store.isReceipt) showReceipt(state, answer);
    else await nothingGiven(store);
  } catch (error) {
    if (error.isFinal) state.sending = null;
    store.keep();
    const kept = words(error.isFinal ? "nothingRecorded" : "unsure");
    tellRefusal(error, { kept, about: "sending", retry: () => sendDispensing(store, { done, show }) });
  } finally {
    busy = false;
    show();
  }
};
