/** The insured is here: a card, a code on the phone, the portal's QR, or the pharmacist's word; and what the fund then guarantees. */

import { get, newKey, post } from "../api.js";
import { byId, copy, fill, said, words } from "../dom.js";
import { timeOf } from "../days.js";
import { centimes, dirhams, percent } from "../money.js";
import { tell, tellRefusal } from "../notices.js";
import { goesOn } from "../offline/place.js";

const WHOLE = 10_000;
const HALF = WHOLE / 2;
const CARD = /^(?:[A-Z]{1,2}\d{1,6}|\d{9})$/;
const CODE = /^\d{6}$/;
const PORTAL = /^WARAQAP:/i;
const MEANING = { CARD: "paid", ONE_TIME_CODE: "paid", PORTAL_QR: "paid", ATTESTATION: "held" };
let isCodeSent = false;

/** Which proof a scan is, or null: {level, evidence}. */
export const proofIn = (text) => {
  const plain = text.trim().toUpperCase();
  if (PORTAL.test(plain)) return { level: "PORTAL_QR", evidence: plain };
  if (isCodeSent && CODE.test(plain)) return { level: "ONE_TIME_CODE", evidence: plain };
  if (CARD.test(plain.replace(/\s/g, ""))) return { level: "CARD", evidence: plain.replace(/\s/g, "") };
  return null;
};

const addressOf = ({ number, provider }) => [`prescriptions/${number}/presence`, { provider }];

/** The proof that serves now, if any. */
export const readPresence = async (place) => {
  const [address, provider] = addressOf(place);
  isCodeSent = false;
  try {
    return await get(`${address}?${new URLSearchParams(provider)}`);
  } catch (error) {
    if (!goesOn(error)) throw error;
    return null;
  }
};

/** A proof offered without network: noted as it was, judged by the server when the document arrives. */
const noted = ({ level }) => {
  tell({ what: words("proofNoted"), state: "offline", about: "presence" });
  return { isKept: true, proof: { level: { code: level, label: words(`proof${level}`) }, until: null }, share: "0.00", guarantees: [] };
};

/** Offer a proof; the answer, or null when it is refused and told. */
export const prove = async (place, proof) => {
  const [address, provider] = addressOf(place);
  try {
    const answer = await post(address, { ...provider, ...proof }, { key: newKey() });
    const left = answer.attempts_left;
    if (proof.level === "ONE_TIME_CODE" && !answer.proof) {
      tell({ what: left ? words("codeWrong", { left }) : words("codeClosed"), state: "fix", about: "presence" });
      return answer;
    }
    isCodeSent = false;
    tell({ what: words("presenceProved"), state: "paid", about: "presence" });
    return answer;
  } catch (error) {
    if (goesOn(error) && proof.level !== "ONE_TIME_CODE") return noted(proof);
    tellRefusal(error, { about: "presence", kept: "", retry: () => prove(place, proof) });
    return null;
  }
};

/** Send a code to the insured's phone. */
export const sendCode = async (place, key = newKey()) => {
  const [address, provider] = addressOf(place);
  try {
    const sent = await post(`${address}-codes`, provider, { key });
    isCodeSent = true;
    const what = words("codeSent", { phone: sent.phone, time: timeOf(sent.until) });
    tell({ what, more: sent.shown, state: "equal", about: "presence" });
  } catch (error) {
    tellRefusal(error, { about: "presence", kept: "", retry: () => sendCode(place, key) });
  }
};

/** What the fund pays of an estimate whatever happens: prescriptions/rules/guarantee.py says the same. */
export const guaranteed = (estimated, share) =>
  Math.floor((estimated * Math.round(Number(share) * WHOLE) + HALF) / WHOLE);

/** Show the proof and the meter; `estimated` in centimes, null while unknown. */
export const showPresence = (presence, estimated) => {
  const proof = presence?.proof;
  fill(byId("presence"), {
    proof: proof ? said(proof.level.label) : words("noProof"),
    until: proof?.until ? words("proofUntil", { time: timeOf(proof.until) }) : "",
    isProved: Boolean(proof),
    isMissing: !proof,
    share: percent(presence?.share ?? "0.00"),
    sum: estimated === null || !presence ? "" : words("guaranteed", { amount: dirhams(guaranteed(estimated, presence.share)) }),
  });
  byId("presence").dataset.state = MEANING[proof?.level.code] ?? "held";
  byId("guarantee").value = Number(presence?.share ?? 0);
  byId("guarantees").replaceChildren(
    ...(presence?.guarantees ?? []).map((row) => copy("t-guarantee", { level: said(row.level.label), share: percent(row.share) })),
  );
};

/** The fund's share of an estimate, in centimes; null without one. */
export const estimatedShare = (estimate) => (estimate ? centimes(estimate.total_reimbursed) : null);
