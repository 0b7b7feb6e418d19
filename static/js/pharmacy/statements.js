/** What the fund paid this provider, newest first, each with its statement; the filters stay in the address. */

import { get } from "../api.js";
import { byId, capital, copy, said, words } from "../dom.js";
import { written } from "../days.js";
import { apiDirhams, centimes, dirhams, typedDirhams } from "../money.js";
import { tellRefusal } from "../notices.js";
import { normalised } from "../numbers.js";
import { pagedList } from "../paged_list.js";

const MEANING = { PAID: "paid", RETURNED: "fix", COMPENSATED: "paid", PAYMENT_FAILED: "fix", CANCELLED: "fix" };
const NO_ONE = "00000000-0000-0000-0000-000000000000";
const FILTERS = ["fse_number", "amount", "since", "until", "state"];
let shown = 0;
let filters = new URLSearchParams();

const row = (statement) => {
  const element = copy("t-statement", {
    reference: statement.reference,
    when: words("on", { day: written(statement.execution_date) }),
    state: capital(said(statement.state.label)),
    reason: statement.return_reason,
    amount: dirhams(centimes(statement.amount)),
  });
  element.querySelector(".badge").dataset.state = MEANING[statement.state.code] ?? "equal";
  const paper = byId("page").dataset.document.replace(NO_ONE, statement.id);
  element.querySelector("[data-document]").href = paper;
  element.querySelector("[data-workbook]").href = `${paper}?format=xlsx`;
  return element;
};

const summarise = (hasMore) => {
  const isFiltered = filters.size > 0;
  byId("statements-empty").hidden = shown > 0 || isFiltered;
  byId("statements-none").hidden = shown > 0 || !isFiltered;
  byId("more").hidden = !hasMore;
  byId("all").hidden = shown === 0;
  byId("all").href = `${byId("page").dataset.documents}?${filters}`;
  if (!shown) byId("summary").textContent = "";
  else byId("summary").textContent = shown === 1 ? words("summaryOne") : words("summary", { count: shown });
};

const load = pagedList("statements", (results, hasMore) => {
  shown += results.length;
  byId("statements").append(...results.map(row));
  summarise(hasMore);
});

/** What the API is asked for: an amount as people type it becomes the API's own writing. */
const asked = () => {
  const typed = new FormData(byId("filters"));
  const amount = typedDirhams(typed.get("amount"));
  return {
    ...Object.fromEntries([...typed].map(([name, value]) => [name, value.trim()])),
    fse_number: normalised(typed.get("fse_number")),
    amount: amount === null ? typed.get("amount").trim() : apiDirhams(amount),
  };
};

const search = () => {
  filters = new URLSearchParams(Object.entries(asked()).filter(([, value]) => value));
  history.replaceState(null, "", filters.size ? `?${filters}` : location.pathname);
  shown = 0;
  byId("notices").replaceChildren();
  byId("statements").replaceChildren();
  return load(filters);
};

const start = () => {
  const address = new URLSearchParams(location.search);
  for (const name of FILTERS) byId(name).value = address.get(name) ?? "";
  byId("filters").addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  // The form is emptied after its event.
  byId("filters").addEventListener("reset", () => setTimeout(search));
  return search();
};

start();

/** When the fund pays next; the calendar may say nothing yet. */
const tellNextPayment = async () => {
  try {
    const { next: coming } = await get("statements/next");
    if (!coming) return;
    const told = { day: written(coming.day), count: coming.in_days };
    const sentence = ["paymentToday", "paymentTomorrow"][coming.in_days] ?? "nextPayment";
    byId("next-payment").textContent = words(sentence, told);
  } catch (error) {
    tellRefusal(error, { kept: "", retry: tellNextPayment });
  }
};

tellNextPayment();
