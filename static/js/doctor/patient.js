/** Finding the insured person by CIN or immatriculation, and choosing the patient among the household. */

import { post } from "../api.js";
import { byId, copy, fill, listed, words } from "../dom.js";
import { dayOf, today, written } from "../days.js";
import { tellRefusal } from "../notices.js";
import { personsUnder, rememberPersons } from "../offline/kept.js";
import { either } from "../offline/source.js";
import { illnessLabel, personDetail, personName, rightsOf } from "../people.js";

const REGISTRATION = /^\d{9}$/;
const CIN = /^[A-Z]{1,2}\d{1,6}$/;

const wanted = (typed) => {
  const key = typed.replace(/[\s.-]/g, "").toUpperCase();
  if (REGISTRATION.test(key)) return { registration_number: key };
  return CIN.test(key) ? { cin: key } : null;
};

const say = (text) => {
  fill(byId("find-error"), { text });
  byId("find-error").hidden = !text;
};

/** On what day the fund said it, when that is not now. */
const seenOf = ({ seenOn }) => (seenOn ? words("seenOn", { day: written(seenOn) }) : "");

const choice = (person, choose) => {
  const rights = rightsOf(person);
  const element = copy("t-person", {
    name: personName(person),
    detail: personDetail(person),
    isOpen: rights.isOpen,
    isClosed: !rights.isOpen,
    rights: rights.title,
    rightsDetail: listed([rights.detail, seenOf(person)]),
    illnesses: listed(person.illnesses.map(illnessLabel)),
  });
  element.querySelector("button").addEventListener("click", () => choose(person));
  return element;
};

/** The fund's word of now, remembered; or what it last said, with its day. */
const householdOf = (key) =>
  either(
    async () => {
      const { persons } = await post("rights-checks", { ...key, day: today() });
      await rememberPersons(key, persons);
      return persons;
    },
    async () => {
      const known = await personsUnder(key);
      return known.length ? known.map(({ person, at }) => ({ ...person, seenOn: dayOf(at) })) : undefined;
    },
  );

/** Wire the search; `choose(person)` is called with the patient. */
export const findPatient = (choose) => {
  const search = async () => {
    const key = wanted(byId("find-key").value);
    byId("persons-sheet").hidden = true;
    if (!key) return say(words("findFormat"));
    say("");
    try {
      const persons = await householdOf(key);
      if (!persons.length) return say(words("findNone"));
      byId("persons").replaceChildren(...persons.map((person) => choice(person, choose)));
      byId("persons-sheet").hidden = false;
      byId("persons").querySelector("button").focus();
    } catch (error) {
      tellRefusal(error, { retry: search });
    }
    return undefined;
  };
  byId("find-form").addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
};

/** Show who the patient is, under the top bar; without one, the search. */
export const showPatient = (person) => {
  byId("patient").hidden = !person;
  byId("find").hidden = Boolean(person);
  byId("consultation").hidden = !person;
  if (!person) {
    byId("find-key").value = "";
    byId("persons-sheet").hidden = true;
    byId("find-key").focus();
    return;
  }
  fill(byId("patient"), { name: personName(person), detail: personDetail(person) });
  const rights = rightsOf(person);
  const first = copy(rights.isOpen ? "t-chip" : "t-chip-fix", {
    text: listed([rights.title, rights.detail, seenOf(person)]),
  });
  const others = (person.illnesses ?? []).map((illness) => copy("t-chip", { text: illnessLabel(illness) }));
  // A prepared prescription names its patient alone: rights are the fund's word, given at the counter.
  byId("patient-chips").replaceChildren(...(person.rights ? [first] : []), ...others);
};
