/** The confirmation of a dispensing: what was decided, what was paid, what is left for later. */

import { byId, fill, listed, words } from "../dom.js";
import { timeOf, today, written } from "../days.js";
import { verdict } from "../decision.js";
import { apiDirhams, dirhams } from "../money.js";
import { tell } from "../notices.js";
import { grouped } from "../numbers.js";
import { personName } from "../people.js";
import { chargeOf, scannedLines } from "./dispensing.js";
import { leftOver } from "./lines.js";
import { shares } from "./totals.js";

const NO_ONE = "00000000-0000-0000-0000-000000000000";

/** The papers of a dispensing: sealed receipt, labels, and what is still due where something is. */
const showPapers = (id, isOwing) => {
  for (const link of byId("papers").querySelectorAll("a[data-paper]")) {
    link.href = link.dataset.paper.replace(NO_ONE, id);
    link.hidden = link.dataset.kind === "reste" && !isOwing;
  }
};

/** Nothing was handed over, and why was said: there is no claim and no receipt. */
export const showNothingGiven = (state) => {
  tell({ what: words("outcomesSaid", { number: grouped(state.prescription.fse_number) }), state: "paid", about: "sending" });
};

/** Lines nobody could price here: what was handed over, and its public price. */
const unpriced = (state) =>
  scannedLines(state).map((line) => ({ position: line.position, charged: apiDirhams(chargeOf(line)), reasons: [], steps: [] }));

/** Show the receipt of a dispensing that was accepted, or kept here until the network is back. */
export const showReceipt = (state, answer) => {
  const { decision, isKept = false } = answer;
  const charged = scannedLines(state).reduce((sum, line) => sum + chargeOf(line), 0);
  const paid = shares(decision, charged, state.thirdParty);
  const left = leftOver(state);
  byId("papers").hidden = isKept;
  if (!isKept) showPapers(answer.id, left.length > 0);
  const lines = new Map(scannedLines(state).map((line) => [line.position, line]));
  fill(byId("receipt"), {
    number: grouped(state.prescription.fse_number),
    patient: personName(state.prescription.patient),
    when: words("dispensedOn", { day: written(today()), time: timeOf(Date.now()) }),
    left: left.length ? words("leftForLater", { list: listed(left) }) : "",
    price: dirhams(charged),
    reimbursed: decision ? dirhams(paid.reimbursed) : "–",
    toPay: dirhams(paid.toPay),
    explanation: decision ? paid.explanation : words("noEstimatePay"),
    isKept,
    isSent: !isKept,
  });
  byId("receipt-lines").replaceChildren(
    ...(decision?.lines ?? unpriced(state)).map((line) => {
      const { medicine, boxes } = lines.get(line.position);
      const note = boxes === 1 ? words("oneBox") : words("boxes", { count: boxes });
      return verdict(line, { label: medicine.name, note });
    }),
  );
  byId("counter").hidden = true;
  byId("receipt").hidden = false;
  byId("next-patient").focus();
};
