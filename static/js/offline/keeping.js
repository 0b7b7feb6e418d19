/** What a page does with a signed document when nothing answers: keeps it here, or says why it cannot. */

import { tell } from "../notices.js";
import { usage } from "./limits.js";
import { NotKept, keepForLater } from "./outbox.js";
import { isReady } from "./place.js";
import { words } from "../dom.js";

/**
 * Keep a document in the queue; undefined when this browser may not, so that the failure is told as it is
 * and the request stays as it was: it may have arrived.
 */
export const keptHere = async (what) => {
  if (!isReady(what.device)) return undefined;
  try {
    const entry = await keepForLater(what);
    const { warned } = await usage(what.device.kid);
    if (warned) tell({ what: words("nearLimit"), state: "held", about: "limit" });
    return entry;
  } catch (error) {
    if (!(error instanceof NotKept)) throw error;
    tell({ what: error.whole, state: "fix", about: "queue" });
    return undefined;
  }
};
