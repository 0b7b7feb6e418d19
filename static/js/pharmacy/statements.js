/** What the fund paid this pharmacy, newest first, each with its statement as PDF. */

import { get } from "../api.js";
import { byId, capital, copy, said, words } from "../dom.js";
import { written } from "../days.js";
import { centimes, dirhams } from "../money.js";
import { tellRefusal } from "../notices.js";

const MEANING = { PAID: "paid", RETURNED: "fix", PAYMENT_FAILED: "fix", CANCELLED: "fix" };
const NO_ONE = "00000000-0000-0000-0000-000000000000";
let shown = 0;
let next = "statements";

const row = (statement) => {
  const element = copy("t-statement", {
    reference: statement.reference,
    when: words("on", { day: written(statement.execution_date) }),
    state: capital(said(statement.state.label)),
    reason: statement.return_reason,
    amount: dirhams(centimes(statement.amount)),
  });
  element.querySelector(".badge").dataset.state = MEANING[statement.state.code] ?? "equal";
  element.querySelector("[data-document]").href = byId("page").dataset.document.replace(NO_ONE, statement.id);
  return element;
};

const load = async () => {
  try {
    const answer = await get(next);
    next = answer.next ? `statements${new URL(answer.next, location.href).search}` : null;
    shown += answer.results.length;
    byId("statements").append(...answer.results.map(row));
    byId("statements-empty").hidden = shown > 0;
    byId("more").hidden = !next;
    if (shown) byId("summary").textContent = shown === 1 ? words("summaryOne") : words("summary", { count: shown });
  } catch (error) {
    tellRefusal(error, { kept: "", retry: load });
  }
};

byId("more").addEventListener("click", load);
load();
