/** How much of what may be done without network is used; the figures are the law's, given with the anchor. */

import { anchorOf } from "./anchor.js";
import { readAll } from "./store.js";

const AN_HOUR = 3_600_000;
const WARNING = 0.8;

/** The parts used since the anchor, each {name, used, limit}; `share` is the largest, 1 is the lock. */
export const usage = async (kid) => {
  const anchor = await anchorOf(kid);
  const limits = anchor?.limits ?? {};
  const waiting = (await readAll("outbox")).filter(({ device, state }) => device === kid && state === "KEPT");
  const used = {
    hours: anchor ? (Date.now() - Date.parse(anchor.at)) / AN_HOUR : 0,
    sheets: waiting.length,
    amount: waiting.reduce((sum, { total }) => sum + (total ?? 0), 0),
  };
  const parts = Object.entries(used)
    .filter(([name]) => limits[name] > 0)
    .map(([name, value]) => ({ name, used: value, limit: limits[name] }));
  const share = Math.max(0, ...parts.map((part) => part.used / part.limit));
  return { parts, share, warned: share >= WARNING, locked: share >= 1 };
};
