/**
 * What a person answered before a treatment: allergies, pregnancy, breast-feeding, and whether other
 * professionals' treatments may be shown. Summed up beside the name, asked again in one dialog. "Never asked" is
 * an answer of its own: a check then says that it was not made.
 */

import { call, get, newKey } from "./api.js";
import { combobox } from "./combobox.js";
import { today, written } from "./days.js";
import { byId, capital, copy, fill, keepRows, listed, words } from "./dom.js";
import { searchMedicines } from "./medicines.js";
import { tell, tellRefusal } from "./notices.js";

const ASKED = { yes: true, no: false, never: null };
const typedOf = (answer) => Object.keys(ASKED).find((name) => ASKED[name] === answer);
const addressOf = (person) => `patients/${person.id}/care-profile`;
const plain = (text) => text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase();

/** The classes a family allergy is recorded by; their names are the page's. */
const classes = () =>
  [...byId("care-classes").content.children].map((each) => ({
    inn: "",
    atc: each.dataset.atc,
    label: each.textContent.trim(),
  }));

const labelOf = ({ inn, atc }) =>
  atc ? (classes().find((each) => each.atc === atc)?.label ?? atc) : capital(inn.toLowerCase());

const sameAllergy = (one, other) => one.atc === other.atc && plain(one.inn) === plain(other.inn);

/** Substances of the medicine list, one each, after the classes whose name fits. */
const lookFor = async (text, signal) => {
  const wanted = plain(text);
  const found = await searchMedicines(text, today(), signal);
  const substances = new Set(found.flatMap(({ inn }) => (inn ?? "").split(" / ")).filter((inn) => plain(inn).includes(wanted)));
  return [
    ...classes().filter(({ label }) => plain(label).includes(wanted)),
    ...[...substances].map((inn) => ({ inn, atc: "" })),
  ];
};

/** The chips of a profile: what is known in plain ink, a danger in red, what nobody asked said quietly. */
const chipsOf = (profile, person) => {
  const { allergies, pregnant, breast_feeding: feeding, holds_until: until, shares_history: shares } = profile;
  const holds = until && until >= today();
  const day = { day: written(until) };
  return [
    allergies?.length
      ? ["t-chip-fix", words("careAllergies", { list: listed(allergies.map(labelOf)) })]
      : ["t-chip", words(allergies ? "careNoAllergy" : "careAllergiesUnknown")],
    person.sex === "F" && holds && pregnant && ["t-chip-fix", words("carePregnant", day)],
    person.sex === "F" && holds && feeding && ["t-chip-fix", words("careFeeding", day)],
    ["t-chip", words({ yes: "careShared", no: "careNotShared", never: "careShareUnknown" }[typedOf(shares)])],
  ].filter(Boolean);
};

/** Wire the page's care profile; `changed()` is told once new answers are kept. */
export const startCareProfile = ({ changed }) => {
  let person = null;
  let profile = null;
  let allergies = [];

  const form = byId("care-form");

  const show = () => {
    byId("care").hidden = !profile;
    if (!profile) return;
    byId("care-chips").replaceChildren(...chipsOf(profile, person).map(([id, text]) => copy(id, { text })));
  };

  const showAllergies = () => {
    keepRows(byId("care-allergies"), allergies, {
      key: ({ inn, atc }) => atc || inn,
      make: (allergy) => {
        const row = copy("t-care-allergy");
        row.querySelector("button").addEventListener("click", () => {
          allergies = allergies.filter((each) => !sameAllergy(each, allergy));
          showAllergies();
        });
        return row;
      },
      update: (row, allergy) =>
        fill(row, { text: labelOf(allergy), remove: words("careRemove", { name: labelOf(allergy) }) }),
    });
    form.elements.none.disabled = allergies.length > 0;
    if (allergies.length) form.elements.none.checked = false;
  };

  const edit = () => {
    allergies = profile.allergies ?? [];
    fill(byId("care-dialog"), { isWoman: person.sex === "F", fault: "" });
    form.elements.none.checked = profile.allergies?.length === 0;
    form.elements.pregnant.value = typedOf(profile.pregnant);
    form.elements.feeding.value = typedOf(profile.breast_feeding);
    form.elements.until.value = profile.holds_until ?? "";
    form.elements.until.min = today();
    form.elements.shares.value = typedOf(profile.shares_history);
    showAllergies();
    byId("care-dialog").showModal();
  };

  const typed = () => {
    const { none, pregnant, feeding, until, shares } = form.elements;
    const isWoman = person.sex === "F";
    return {
      allergies: allergies.length || none.checked ? allergies.map(({ inn, atc }) => ({ inn, atc })) : null,
      pregnant: isWoman ? ASKED[pregnant.value] : null,
      breast_feeding: isWoman ? ASKED[feeding.value] : null,
      holds_until: (isWoman && until.value) || null,
      shares_history: ASKED[shares.value],
    };
  };

  const keep = async (body, key) => {
    const asked = person;
    try {
      const kept = await call("PUT", addressOf(asked), { body, key });
      byId("care-dialog").close();
      if (asked !== person) return;
      profile = kept;
      show();
      tell({ what: words("careKept"), state: "paid", about: "care" });
      changed();
    } catch (error) {
      if (!error.isFinal) {
        byId("care-dialog").close();
        tellRefusal(error, { about: "care", retry: () => keep(body, key) });
        return;
      }
      fill(byId("care-dialog"), { fault: words(error.code === "ANSWER_WITHOUT_END" ? "careUntil" : "careRefused") });
    }
  };

  combobox({
    input: byId("care-allergy"),
    list: byId("care-allergy-list"),
    search: lookFor,
    option: (found) => copy("t-care-option", { name: labelOf(found) }),
    empty: () => copy("t-care-none"),
    failed: (error) => tellRefusal(error, { about: "care" }),
    choose: (found) => {
      const { inn, atc } = found;
      if (!allergies.some((each) => sameAllergy(each, found))) allergies = [...allergies, { inn, atc }];
      showAllergies();
    },
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = typed();
    const isAnswered = body.pregnant !== null || body.breast_feeding !== null;
    if (isAnswered && !body.holds_until) {
      fill(byId("care-dialog"), { fault: words("careUntil") });
      form.elements.until.focus();
      return;
    }
    keep(body, newKey());
  });
  byId("care-cancel").addEventListener("click", () => byId("care-dialog").close());
  byId("care-edit").addEventListener("click", edit);

  return {
    /** Read and show what this person answered; null: nobody is there. */
    async of(someone) {
      person = someone;
      profile = null;
      show();
      if (!someone) return;
      try {
        const read = await get(addressOf(someone));
        if (person !== someone) return;
        profile = read;
        show();
      } catch {
        // Without an answer nothing is claimed: the check itself says what it does not know.
      }
    },
  };
};
