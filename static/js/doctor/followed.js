/** What became of the practice's prescriptions, page by page, and its register of narcotics; filters stay in the address. */

import { get, newKey, post } from "../api.js";
import { byId, capital, copy, fill, listed, said, words } from "../dom.js";
import { timeOf, written } from "../days.js";
import { tell, tellRefusal } from "../notices.js";
import { grouped, normalised } from "../numbers.js";
import { pagedList } from "../paged_list.js";
import { personName } from "../people.js";
import { nameOf } from "../session.js";

const MEANING = {
  COMPLETED: "paid",
  DISPENSED: "paid",
  PARTLY_DISPENSED: "held",
  PARTIAL: "held",
  OWING: "held",
  NOT_DISPENSED: "fix",
};

const stateOf = (element, { code }) => {
  element.querySelector('[data-t="state"]').dataset.state = MEANING[code] ?? "equal";
  return element;
};

const handed = ({ label, replaced, pharmacy, day }) =>
  words(replaced ? "replacedBy" : "handed", { label, pharmacy: nameOf(pharmacy), day: written(day) });

const lineOf = (line) =>
  stateOf(
    copy("t-followed-line", {
      label: line.label,
      count: words("ofBoxes", { done: line.boxes_dispensed, count: line.boxes }),
      state: capital(said(line.state.label)),
      handed: listed(line.handed.map(handed)),
      refusal: line.refusal ? capital(said(line.refusal.label)) : "",
    }),
    line.state,
  );

const CANCELLABLE = new Set(["ACTIVE", "SCHEDULED", "IN_CUSTODY", "PARTLY_DISPENSED"]);

const heldBy = (holder) => (holder ? words("heldBy", { name: nameOf(holder), time: timeOf(holder.until) }) : "");

const followed = (prescription) => {
  const element = copy("t-followed", {
    heldBy: heldBy(prescription.held_by),
    canCancel: Boolean(byId("cancel-dialog")) && CANCELLABLE.has(prescription.state.code),
    cancelLabel: grouped(prescription.fse_number),
    patient: personName(prescription.patient),
    number: grouped(prescription.fse_number),
    when: words("writtenOn", { day: written(prescription.written_on) }),
    state: capital(said(prescription.state.label)),
  });
  element.querySelector("a").href = byId("page").dataset.sent.replace("000000000000", prescription.fse_number);
  stateOf(element, prescription.state);
  element.querySelector("button").addEventListener("click", () => askCancel(prescription));
  element.querySelector(".followed__lines").append(...prescription.lines.map(lineOf));
  return element;
};

let cancelling = null;

const askCancel = (prescription) => {
  cancelling = { prescription, key: newKey() };
  byId("cancel-form").reset();
  fill(byId("cancel-dialog"), { what: words("cancelWhat", { number: grouped(prescription.fse_number), patient: personName(prescription.patient) }) });
  byId("cancel-dialog").showModal();
};

const OUTCOMES = { CANCELLED: "paid", REST_CANCELLED: "held", PENDING: "held" };

const cancel = async ({ prescription, key }, reason) => {
  try {
    const answer = await post(`prescriptions/${prescription.fse_number}/cancellation`, { reason }, { key });
    await search();
    const holder = answer.held_by;
    const told = holder ? { name: nameOf(holder), time: timeOf(holder.until) } : {};
    tell({ what: words(answer.outcome, told), state: OUTCOMES[answer.outcome], about: "cancel" });
  } catch (error) {
    tellRefusal(error, { about: "cancel", retry: () => cancel({ prescription, key }, reason) });
  }
};

const wireCancelling = () => {
  byId("cancel-form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const reason = byId("cancel-reason").value.trim();
    if (!reason) return;
    byId("cancel-dialog").close();
    cancel(cancelling, reason);
  });
  byId("cancel-back")?.addEventListener("click", () => byId("cancel-dialog").close());
};

const entry = (one) =>
  copy("t-entry", {
    number: one.number,
    day: written(one.written_on),
    patient: personName(one.patient),
    label: one.label,
    count: words("daysAndBoxes", {
      days: one.days,
      boxes: one.boxes === 1 ? words("oneBox") : words("boxes", { count: one.boxes }),
    }),
    fse: grouped(one.fse_number),
  });

const FILTERS = ["fse_number", "state", "since", "until"];
let shown = 0;
let filters = new URLSearchParams();

const summarise = (hasMore) => {
  const isFiltered = filters.size > 0;
  byId("followed-empty").hidden = shown > 0 || isFiltered;
  byId("followed-none").hidden = shown > 0 || !isFiltered;
  byId("more").hidden = !hasMore;
  byId("all").hidden = shown === 0;
};

const load = pagedList("followed-prescriptions", (results, hasMore) => {
  shown += results.length;
  byId("followed").append(...results.map(followed));
  byId("all").href = `${byId("page").dataset.document}?${filters}`;
  summarise(hasMore);
});

const search = () => {
  const typed = Object.fromEntries([...new FormData(byId("filters"))].map(([name, value]) => [name, value.trim()]));
  const asked = { ...typed, fse_number: normalised(typed.fse_number) };
  filters = new URLSearchParams(Object.entries(asked).filter(([, value]) => value));
  history.replaceState(null, "", filters.size ? `?${filters}` : location.pathname);
  shown = 0;
  byId("notices").replaceChildren();
  byId("followed").replaceChildren();
  return load(filters);
};

const readRegister = async () => {
  try {
    const register = await get("narcotic-register");
    byId("register").replaceChildren(...register.results.map(entry));
    byId("register-sheet").hidden = !register.results.length;
    byId("register-ask").hidden = true;
  } catch (error) {
    tellRefusal(error, { kept: "", retry: readRegister });
  }
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
  wireCancelling();
  byId("read-register").addEventListener("click", readRegister);
  return search();
};

start();
