/** How much of what may be done without network is used; the figures are the law's, given with the anchor. */

import { today } from "../days.js";
import { centimes } from "../money.js";
import { anchorOf } from "./anchor.js";
import { hashOf } from "./bytes.js";
import { readAll } from "./store.js";

const A_MINUTE = 60_000;
const NARCOTIC = "B";

/** The parts used since the anchor, each {name, used, limit}; `share` is the largest, 1 is the lock. */
export const usage = async (kid) => {
  const anchor = await anchorOf(kid);
  const { minutes, sheets, amount, warning } = anchor?.limits ?? {};
  const waiting = (await readAll("outbox")).filter(({ device, state }) => device === kid && state === "KEPT");
  const parts = [
    { name: "minutes", used: anchor ? (Date.now() - Date.parse(anchor.at)) / A_MINUTE : 0, limit: minutes },
    { name: "sheets", used: waiting.length, limit: sheets },
    { name: "amount", used: waiting.reduce((sum, { total }) => sum + (total ?? 0), 0), limit: centimes(amount ?? null) },
  ].filter(({ limit }) => limit > 0);
  const share = Math.max(0, ...parts.map((part) => part.used / part.limit));
  return { parts, share, warned: share >= Number(warning ?? 1), locked: share >= 1 };
};

/**
 * A name for one patient's day at this device: it tells the same patient again, and nobody which. Null for
 * what is of no patient.
 */
export const dayOf = (kid, { document }) =>
  document?.patient ? hashOf({ device: kid, day: today(), patient: document.patient }) : null;

/**
 * Whether a document of so many centimes passes what a patient's day allows, with what this device signed of
 * it before. The household's own day is known to the server alone, which sets aside what passes it.
 */
export const passesDay = async (kid, patientDay, total) => {
  const limit = centimes((await anchorOf(kid))?.limits?.insured_day ?? null);
  const isOfDay = (entry) => entry.patientDay === patientDay && entry.state !== "REFUSED";
  const before = patientDay ? (await readAll("outbox")).filter(isOfDay) : [];
  return limit > 0 && Boolean(total) && before.reduce((sum, entry) => sum + (entry.total ?? 0), total) > limit;
};

/** Why a medicine is handed over with the network only: the key of a sentence, or nothing. */
export const barred = async (kid, medicines) => {
  const box = centimes((await anchorOf(kid))?.limits?.box ?? null);
  if (medicines.some(({ table }) => table === NARCOTIC)) return "onlineNarcotic";
  return box && medicines.some(({ publicPrice }) => publicPrice > box) ? "onlineCostly" : "";
};
