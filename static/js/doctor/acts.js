/** The acts of the care sheet: search, amount charged, and what the engine says of each. */

import { get } from "../api.js";
import { combobox } from "../combobox.js";
import { byId, copy, fill, keepRows, language, said, words } from "../dom.js";
import { sayReasons } from "../decision.js";
import { centimes, dirhams } from "../money.js";
import { tellRefusal } from "../notices.js";
import { listedActs } from "../offline/reference.js";
import { either } from "../offline/source.js";
import { actFault } from "./consultation.js";
import { offerIllnesses, showFields, wire } from "./lines.js";

const labelOf = (act) => (language() === "ar" && act.label_ar) || said(act.label);

const search = async (text, signal) =>
  (
    await either(
      async () => (await get(`acts?${new URLSearchParams({ q: text })}`, { signal })).results,
      () => listedActs(text),
    )
  ).map((act) => ({
    code: act.code,
    label: labelOf(act) || act.code,
    tariff: centimes(act.tariff ?? null),
    needsAgreement: Boolean(act.needs_prior_approval),
  }));

const lineFor = (act, state) => ({
  key: state.next++,
  act,
  quantity: "1",
  charged: act.tariff === null ? "" : dirhams(act.tariff),
  chargedTyped: false,
  illness: "",
  touched: false,
});

/** Wire the search field; `store` holds {state, changed()}. */
export const startActs = (store) => {
  combobox({
    input: byId("act"),
    list: byId("act-list"),
    shortest: 1, // C and V are whole codes
    search,
    option: (act) => copy("t-act-option", { ...act, tariff: dirhams(act.tariff) }),
    empty: () => copy("t-none"),
    failed: (error) => tellRefusal(error),
    choose: (act) => {
      store.state.acts.push(lineFor(act, store.state));
      store.changed();
      byId("act-lines").lastElementChild.querySelector('[data-field="charged"]').focus();
    },
  });
  byId("act-lines").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    byId("act").focus();
  });
};

const made = (line, store) => {
  const element = copy("t-act");
  offerIllnesses(element, line, store.state.patient.illnesses);
  wire(element, line, {
    changed: (same, field) => {
      if (field === "charged") same.chargedTyped = true;
      const { tariff } = same.act;
      if (field === "quantity" && !same.chargedTyped && tariff !== null) {
        same.charged = dirhams(tariff * (Number(same.quantity) || 1));
      }
      store.changed();
    },
    removed: (same) => {
      store.state.acts = store.state.acts.filter((other) => other !== same);
      store.changed();
      byId("act").focus();
    },
  });
  return element;
};

const shown = (element, line, index, store) => {
  const judged = store.estimate?.lines?.[index];
  const fault = line.touched ? actFault(line) : null;
  fill(element, {
    number: index + 1,
    code: line.act.code,
    label: line.act.label,
    needsAgreement: line.act.needsAgreement,
    removeLabel: words("remove", { name: line.act.label }),
    hasIllnesses: store.state.patient.illnesses.length > 0,
    tariff: dirhams(judged ? centimes(judged.tariff) : line.act.tariff),
    reimbursed: judged ? dirhams(centimes(judged.reimbursed)) : "",
    share: judged ? dirhams(centimes(judged.insured_share)) : "",
    error: fault ? words(fault) : "",
  });
  const why = judged ? (judged.reasons?.length ? judged.reasons : (judged.steps ?? []).slice(-1)) : [];
  sayReasons(element.querySelector('[data-list="why"]'), why);
  showFields(element, line);
};

/** Bring the list in step with the state and the last estimate. */
export const showActs = (store) => {
  keepRows(byId("act-lines"), store.state.acts, {
    key: (line) => line.key,
    make: (line) => made(line, store),
    update: (element, line, index) => shown(element, line, index, store),
  });
  byId("act-next").textContent = store.state.acts.length + 1;
};
