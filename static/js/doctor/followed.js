/** What became of the practice's prescriptions, and its register of narcotics. */

import { get } from "../api.js";
import { byId, capital, copy, listed, said, words } from "../dom.js";
import { written } from "../days.js";
import { tellRefusal } from "../notices.js";
import { grouped } from "../numbers.js";
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
      refusal: line.refusal,
    }),
    line.state,
  );

const followed = (prescription) => {
  const element = copy("t-followed", {
    patient: personName(prescription.patient),
    number: grouped(prescription.fse_number),
    when: words("writtenOn", { day: written(prescription.written_on) }),
    state: capital(said(prescription.state.label)),
  });
  element.querySelector("a").href = byId("page").dataset.sent.replace("000000000000", prescription.fse_number);
  stateOf(element, prescription.state);
  element.querySelector(".followed__lines").append(...prescription.lines.map(lineOf));
  return element;
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

const start = async () => {
  try {
    const [latest, register] = await Promise.all([get("followed-prescriptions"), get("narcotic-register")]);
    byId("followed").replaceChildren(...latest.results.map(followed));
    byId("followed-empty").hidden = latest.results.length > 0;
    byId("register").replaceChildren(...register.results.map(entry));
    byId("register-sheet").hidden = !register.results.length;
  } catch (error) {
    tellRefusal(error, { kept: "", retry: start });
  }
};

start();
