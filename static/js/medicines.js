/** Medicines as the list gives them: words for a line, price of a day. */

import { Refusal, get } from "./api.js";
import { words } from "./dom.js";
import { centimes, dirhams, percent } from "./money.js";
import { listedEquivalents, listedMedicine, listedMedicines } from "./offline/reference.js";
import { either } from "./offline/source.js";

const NOT_FOUND = 404;

/** Search by brand, INN or EAN. */
export const searchMedicines = async (text, day, signal) => {
  const query = new URLSearchParams({ q: text, day });
  const found = await either(
    async () => (await get(`medicines?${query}`, { signal })).results,
    () => listedMedicines(text, day),
  );
  return found.map(medicineOf);
};

/** Medicines of the same substance, strength, form and size, cheapest first. */
export const equivalentsOf = async (ean, day) =>
  (
    await either(
      async () => (await get(`medicines/${ean}/equivalents?${new URLSearchParams({ day })}`)).results,
      () => listedEquivalents(ean, day),
    )
  ).map(medicineOf);

/** One medicine by its EAN with its price on a day. */
export const medicineByEan = async (ean, day) =>
  medicineOf(
    await either(
      () => get(`medicines/${ean}?${new URLSearchParams({ day })}`),
      async () => {
        const found = await listedMedicine(ean, day);
        if (found === null) throw new Refusal(NOT_FOUND, {});
        return found;
      },
    ),
  );

/** The API's medicine, money in centimes. */
export const medicineOf = (answer) => ({
  ean: answer.ean,
  name: nameOf(answer),
  detail: [answer.inn, answer.form, answer.presentation].filter(Boolean).join(", ").toLowerCase(),
  inn: answer.inn,
  strength: `${answer.strength ?? ""} ${answer.strength_unit ?? ""}`.trim(),
  form: answer.form,
  presentation: answer.presentation ?? "",
  substance: { name: answer.inn, strength: answer.strength, unit: answer.strength_unit, form: answer.form },
  table: answer.table ?? null,
  publicPrice: centimes(answer.price?.public ?? null),
  basePrice: centimes(answer.price?.base ?? null),
  rate: answer.price?.rate ?? null,
});

const nameOf = ({ name, strength, strength_unit: unit }) => {
  const dose = `${strength ?? ""} ${unit ?? ""}`.trim();
  return !dose || name.includes(dose.split(" ")[0]) ? name : `${name} ${dose}`;
};

/** "0,5", "½" and "1" as decimal strings the document carries; null when it is not a quantity. */
export const typedDose = (text) => {
  const plain = String(text ?? "").trim().replace("½", "0.5").replace("¼", "0.25").replace(",", ".") || "0";
  const parts = /^(\d{1,2})(?:\.(\d{1,2}))?$/.exec(plain);
  if (!parts) return null;
  const decimals = (parts[2] ?? "").replace(/0+$/, "");
  return decimals ? `${Number(parts[1])}.${decimals}` : String(Number(parts[1]));
};

/** What a medicine's chips say: its price above the base, or that it is not reimbursable. */
export const coverOf = (medicine) => {
  const { publicPrice, basePrice, rate } = medicine;
  const isCovered = rate !== null && Number(rate) > 0;
  const over = isCovered && publicPrice !== null ? publicPrice - basePrice : 0;
  return {
    isCovered,
    over: over > 0 ? dirhams(over) : "",
    price: publicPrice === null ? words("noPrice") : dirhams(publicPrice),
    base: dirhams(basePrice),
    rate: percent(rate),
  };
};
