/** Totals of the counter, the one large figure, and why the button waits. */

import { byId, fill, said, words } from "../dom.js";
import { sayReasons } from "../decision.js";
import { centimes, dirhams } from "../money.js";
import { chargeOf, counted, scannedLines, withheld } from "./dispensing.js";

/** The sentence under the button: what is missing, or nothing. */
export const whyNot = (store) => {
  const { state } = store;
  const { due, done } = counted(state);
  if (!done && !withheld(state).length) return words("whyScan");
  const unpriced = scannedLines(state).find((line) => !chargeOf(line));
  if (unpriced) return words("whyPrice", { name: unpriced.medicine.name });
  if (done < due && !state.partial) {
    return due - done === 1 ? words("whyPartialOne") : words("whyPartial", { left: due - done });
  }
  if (store.safety?.waiting()) return words("whySafety");
  return store.place.device ? "" : words("noDevice");
};

const titleOf = (done) => {
  if (!done) return words("dispensedNone");
  return done === 1 ? words("dispensedOne") : words("dispensed", { count: done });
};

/** Sum of a column of the estimate, in centimes. */
const sumOf = (decision, name) =>
  (decision?.lines ?? []).reduce((sum, line) => sum + (centimes(line[name]) ?? 0), 0);

/** What the patient pays now, and what the fund pays to whom. */
export const shares = (decision, charged, thirdParty) => {
  const reimbursed = decision ? centimes(decision.total_reimbursed) : 0;
  const amount = dirhams(reimbursed);
  const after = thirdParty ? "thirdParty" : "paysAll";
  return {
    toPay: thirdParty ? charged - reimbursed : charged,
    reimbursed,
    explanation: decision?.needs_review ? words("inReview") : words(after, { amount }),
  };
};

/** The engine's own sentence on a ceiling, what is left of it included; or that none applies. */
const ceilingOf = (estimate) => {
  const step = (estimate?.lines ?? []).flatMap((line) => line.steps ?? []).find(({ rule }) => rule === "ceiling");
  return step ? said(step.sentence) : words("noCeiling");
};

/** What comes after the payment; without network and without engine, that nobody can say yet. */
const laterOf = ({ state, estimate, isUnestimated }, done, paid) => {
  if (!done) return "";
  if (!estimate) return isUnestimated ? words("noEstimatePay") : "";
  return state.thirdParty ? "" : paid.explanation;
};

/** Bring totals and button in step with the state and the last estimate. */
export const showTotals = (store) => {
  const { state, estimate } = store;
  const { due, done } = counted(state);
  const charged = scannedLines(state).reduce((sum, line) => sum + (chargeOf(line) ?? 0), 0);
  const paid = shares(estimate, charged, state.thirdParty);
  const isUnknown = done > 0 && !estimate && store.isUnestimated;
  const isWaiting = done > 0 && !estimate;
  const pending = isUnknown ? "–" : "…";
  fill(byId("totals"), {
    title: titleOf(done),
    price: dirhams(charged),
    base: isWaiting ? pending : dirhams(sumOf(estimate, "base")),
    reimbursed: isWaiting ? pending : dirhams(paid.reimbursed),
    toPay: isWaiting && !isUnknown && state.thirdParty ? "…" : dirhams(paid.toPay),
    later: laterOf(store, done, paid),
  });
  byId("third-party").checked = state.thirdParty;
  const reasons = (estimate?.lines ?? []).flatMap((line) => line.reasons ?? []);
  sayReasons(byId("why"), reasons);
  byId("why").hidden = !reasons.length;
  const why = whyNot(store);
  byId("validate").disabled = Boolean(why);
  byId("validate-why").textContent = why || (done < due ? words("partialOn") : "");
  byId("partial").hidden = !done || done >= due || state.partial;
  fill(byId("totals"), { ceiling: estimate ? ceilingOf(estimate) : "" });
};
