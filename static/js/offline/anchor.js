/**
 * The last signed word of the server on a device (docs/offline.md): its time, the key to seal with, the
 * limits, the chain as the server holds it. It is evidence of the hour when the network is gone.
 */

import { post } from "../api.js";
import { awaySince } from "./connection.js";
import { verified } from "./seal.js";
import { meta, setMeta, together } from "./store.js";

// A clock origin is this page's own: performance.now() means nothing to another page.
const ORIGIN = crypto.randomUUID();

const anchorName = (kid) => `anchor:${kid}`;
export const chainName = (kid) => `chain:${kid}`;

/** The anchor kept for a device, or null. */
export const anchorOf = (kid) => meta(anchorName(kid));

/** A browser that lost its chain goes on from where the server is; one that is ahead keeps its own. */
const adopt = async (kid, chain) => {
  if (!chain?.sequence) return;
  await together(["meta"], async ({ meta: marks }) => {
    const own = await marks.get(chainName(kid));
    if (!own || own.sequence < chain.sequence) {
      await marks.put({ sequence: chain.sequence, hash: chain.hash }, chainName(kid));
    }
  });
};

/** Ask for a fresh anchor and keep it. Throws Refusal or Unreachable. */
export const refreshAnchor = async (kid) => {
  const answer = await post("sync/anchors", { device: kid });
  const before = await anchorOf(kid);
  const said = await verified(answer.anchor, answer.seal_key);
  if (said?.device !== kid) throw new Error("the anchor is not signed by the server's seal");
  await adopt(kid, answer.chain);
  const kept = { ...before, ...answer, received: performance.now(), origin: ORIGIN };
  await setMeta(anchorName(kid), kept);
  return kept;
};

/** What an envelope says of its hour: wall clock, milliseconds since the anchor when this page still counts them. */
export const clockEvidence = (anchor) => ({
  wall: new Date().toISOString(),
  elapsed_ms: anchor?.origin === ORIGIN ? Math.round(performance.now() - anchor.received) : null,
  anchor: anchor?.anchor ?? null,
  offline_since: awaySince(),
  outage: anchor?.outages?.[0]?.code ?? null,
});
