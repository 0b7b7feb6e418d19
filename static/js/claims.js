/** The list of what was sent: the doctor's day, the histories of the practice and of the pharmacy. */

import { byId, capital, copy, said, words } from "./dom.js";
import { dayOf, timeOf, today, written } from "./days.js";
import { showClock } from "./clock.js";
import { centimes, dirhams } from "./money.js";
import { grouped } from "./numbers.js";
import { pagedList } from "./paged_list.js";
import { personName } from "./people.js";
import { workplace } from "./session.js";

const page = byId("page");
const isDay = page.dataset.page === "day";
const MEANING = {
  HELD: "held",
  IN_REVIEW: "held",
  SUBMITTED: "held",
  DENIED: "fix",
  CANCELLED: "fix",
  REVERSED: "fix",
  PAYMENT_FAILED: "fix",
  ADJUDICATED: "equal",
  SCHEDULED: "equal",
  APPROVED: "equal",
  PAID: "paid",
};
// What was calculated is not what will be paid.
const UNPAID = new Set(["DENIED", "CANCELLED", "REVERSED"]);
const shown = [];

const row = (claim) => {
  const time = timeOf(claim.received_at);
  const day = dayOf(claim.received_at);
  const target = page.dataset.sent;
  const element = copy("t-claim", {
    number: grouped(claim.fse_number),
    patient: personName(claim.patient),
    when: day === today() ? words("at", { time }) : words("on", { day: written(day), time }),
    state: capital(said(claim.state.label)),
    charged: dirhams(centimes(claim.charged)),
    reimbursed: dirhams(UNPAID.has(claim.state.code) ? 0 : centimes(claim.reimbursed)),
    isLink: Boolean(target),
    isPlain: !target,
  });
  element.querySelector(".badge").dataset.state = MEANING[claim.state.code] ?? "held";
  showClock(element.querySelector("[data-clock]"), claim.clock);
  if (target) element.querySelector("a").href = target.replace("000000000000", claim.fse_number);
  return element;
};

const summarise = (hasMore) => {
  const charged = shown.reduce((sum, claim) => sum + (centimes(claim.charged) ?? 0), 0);
  byId("summary").textContent = shown.length
    ? words("summary", { count: shown.length, charged: dirhams(charged) })
    : words("summaryNone");
  byId("claims-empty").hidden = shown.length > 0;
  if (byId("more")) byId("more").hidden = !hasMore;
};

const load = pagedList("claims", (results, hasMore) => {
  shown.push(...results);
  byId("claims").append(...results.map(row));
  summarise(hasMore);
});

const restart = (day) => {
  shown.length = 0;
  byId("claims").replaceChildren();
  return load(new URLSearchParams(day ? { day, page_size: "100" } : {}));
};

const start = async () => {
  if (!(await workplace())) return;
  const picker = byId("day");
  const asked = new URLSearchParams(location.search).get("day");
  if (picker) {
    picker.value = asked ?? today();
    picker.max = today();
    picker.addEventListener("change", () => {
      history.replaceState(null, "", `?${new URLSearchParams({ day: picker.value })}`);
      restart(picker.value);
    });
  }
  await restart(isDay ? today() : picker.value);
};

start();
