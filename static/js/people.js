/** A patient as the pages show one: name, age, rights with their reason, long illnesses. */

import { language, listed, said, words } from "./dom.js";
import { ageOn, today, written } from "./days.js";
import { percent } from "./money.js";

/** The person's name in the page's language. */
export const personName = (person) =>
  (language() === "ar" && person.name_ar) || person.full_name || "";

/** "58 ans, née le 12/04/1968". */
export const personDetail = (person) =>
  words({ F: "bornF", M: "bornM" }[person.sex] ?? "bornOn", {
    age: ageOn(person.birth_date, today()),
    birth: written(person.birth_date),
  });

/** Whether rights are open, and the sentence that says so or why not. */
export const rightsOf = (person) => {
  const rights = person.rights ?? {};
  const parts = [said(rights.scheme?.label ?? rights.scheme_label ?? "")];
  if (rights.open && rights.until) parts.push(words("rightsUntil", { day: written(rights.until) }));
  if (!rights.open) parts.push(said(rights.reason));
  return {
    isOpen: Boolean(rights.open),
    title: words(rights.open ? "rightsOpen" : "rightsClosed"),
    detail: listed(parts),
  };
};

/** An illness in words, with its rate. */
export const illnessLabel = (illness) =>
  words("illness", {
    label: said(illness.label),
    rate: percent(illness.rate),
  });
