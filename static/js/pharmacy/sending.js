/** Signs and sends a dispensing; what got no answer is sent again as it was, under the same key. */

import { newKey, post } from "../api.js";
import { byId, words } from "../dom.js";
import { signed } from "../keys.js";
import { tellRefusal } from "../notices.js";
import { dispensingDocument } from "./dispensing.js";
import { showReceipt } from "./receipt.js";

let busy = false;

/** `done()` once accepted; `show()` brings the page in step. */
export const sendDispensing = async (store, { done, show }) => {
  if (busy) return;
  busy = true;
  byId("validate").disabled = true;
  const { state, place } = store;
  try {
    state.sending ??= {
      body: await signed(place.device, dispensingDocument(state, place.provider.inpe)),
      key: newKey(),
    };
    store.keep();
    const answer = await post("dispensings", state.sending.body, { key: state.sending.key });
    store.isReceipt = true;
    store.draft.clear();
    done();
    showReceipt(state, answer);
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
