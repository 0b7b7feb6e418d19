/** Questions between pharmacies and prescribers: read, talked over, answered, taken back. */

import { newKey, post } from "./api.js";
import { byId, capital, copy, fill, said, words } from "./dom.js";
import { dayOf, timeOf, written } from "./days.js";
import { tell, tellRefusal } from "./notices.js";
import { grouped } from "./numbers.js";
import { pagedList } from "./paged_list.js";
import { personDetail, personName } from "./people.js";
import { nameOf } from "./session.js";

const page = byId("page");
const isPrescriber = page.dataset.side === "prescriber";
const MEANING = { OPEN: "held", WITHDRAWN: "equal" };
const MEANING_OF_ANSWER = { YES: "paid", CHANGED: "equal", NO: "fix" };
let count = 0;

const at = (instant) => words("at", { day: written(dayOf(instant)), time: timeOf(instant) });

const whoOf = (request) => {
  if (!isPrescriber) return words("to", { name: nameOf(request.prescriber) });
  return request.pharmacy ? words("from", { name: nameOf(request.pharmacy) }) : words("fromInsured");
};

const messageOf = (message) => copy("t-message", { body: message.body, author: message.author, when: at(message.written_at) });

const show = (element, request) => {
  const { answer, state } = request;
  const isOpen = state.code === "OPEN";
  fill(element, {
    kind: capital(said(request.kind.label)),
    state: answer ? words("answer", { answer: said(answer.label) }) : capital(said(state.label)),
    patient: personName(request.patient),
    detail: personDetail(request.patient),
    medicine: request.medicine,
    who: whoOf(request),
    number: grouped(request.fse_number),
    replyLabel: words(isPrescriber ? "note" : "message"),
    isOpen,
    isPrescriber,
    isPharmacy: !isPrescriber,
    renews: isPrescriber && request.kind.code === "RENEWAL" && (answer?.code === "YES" || answer?.code === "CHANGED"),
  });
  element.querySelector(".badge").dataset.state = MEANING_OF_ANSWER[answer?.code] ?? MEANING[state.code];
  element.querySelector("[data-renew]").href = `${page.dataset.write}?renew=${request.fse_number}`;
  element.querySelector("[data-thread]").replaceChildren(...request.messages.map(messageOf));
};

const GESTURES = {
  "": (body) => ["messages", { body }, "sent"],
  WITHDRAW: () => ["withdrawal", {}, "withdrawn"],
};
const answering = (answer) => (note) => ["answer", { answer, note }, "answered"];

const act = async (element, request, chosen, key) => {
  const field = element.querySelector("textarea");
  if (!chosen && !field.value.trim()) {
    field.focus();
    tell({ what: words("writeFirst"), state: "held", about: "request" });
    return;
  }
  const [address, body, done] = (GESTURES[chosen] ?? answering(chosen))(field.value.trim());
  try {
    show(element, await post(`requests/${request.id}/${address}`, body, { key }));
    field.value = "";
    tell({ what: words(done), state: "paid", about: "request" });
  } catch (error) {
    tellRefusal(error, { about: "request", retry: () => act(element, request, chosen, key) });
  }
};

const card = (request) => {
  const element = copy("t-request");
  show(element, request);
  element.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    act(element, request, event.submitter?.value ?? "", newKey());
  });
  return element;
};

const summarise = (hasMore) => {
  const sentence = count === 1 ? words("summaryOne") : words("summaryMany", { count });
  byId("summary").textContent = count ? sentence : words("summaryNone");
  byId("requests-empty").hidden = count > 0;
  byId("more").hidden = !hasMore;
};

const load = pagedList("requests", (results, hasMore) => {
  count += results.length;
  byId("requests").append(...results.map(card));
  summarise(hasMore);
});

const restart = () => {
  count = 0;
  byId("requests").replaceChildren();
  const state = byId("state").value;
  return load(new URLSearchParams(state ? { state } : {}));
};

const start = async () => {
  byId("state").value = new URLSearchParams(location.search).get("state") ?? (isPrescriber ? "OPEN" : "");
  byId("state").addEventListener("change", restart);
  await restart();
};

start();
