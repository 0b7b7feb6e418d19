/**
 * The signed reference pack, as the pages use it: kept up to date, and read with no network. Answers have
 * the shapes of the API, so that a page asks either without knowing which.
 */

import { today } from "../days.js";
import { download } from "./pack_download.js";
import { actFinder, medicineFinder } from "./pack_search.js";
import { forget, current, partBytes } from "./pack_store.js";
import { pairsBetween } from "./pack_safety.js";

export { PackRefused } from "./pack_check.js";

// Read once, until the pack changes: {id, parts: Map(name -> rows), medicines, acts}.
let held = null;

const memory = async () => {
  const pack = await current();
  if (!pack) return null;
  if (held?.id !== pack.manifest.id) held = { id: pack.manifest.id, parts: new Map(), finders: new Map() };
  return held;
};

/** The rows of a part of the pack in place, by key; null without a pack. */
export const rowsOf = async (name) => {
  const memo = await memory();
  if (!memo) return null;
  if (!memo.parts.has(name)) {
    const bytes = await partBytes(name);
    memo.parts.set(name, bytes && JSON.parse(new TextDecoder().decode(bytes)));
  }
  return memo.parts.get(name);
};

/**
 * Bring the pack up to date. `onProgress({done, total, left})`: bytes, and seconds left or null.
 * Returns packInfo(). Throws Unreachable, Refusal, PackRefused; the pack in place is then untouched.
 */
export const ensurePack = async (onProgress) => {
  await download(onProgress);
  return packInfo();
};

/** What is in place: {id, made_at, valid_until, kept_at, parts, bytes, isValid}; null without a pack. */
export const packInfo = async (now = Date.now()) => {
  const pack = await current();
  if (!pack) return null;
  const { id, made_at, valid_until, parts, law } = pack.manifest;
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const isValid = now < Date.parse(valid_until);
  return { id, made_at, valid_until, kept_at: pack.kept_at, law, parts, bytes, isValid };
};

/** Forget the pack and the seal it was trusted by. */
export const forgetPack = async () => {
  held = null;
  await forget();
};

const inForce = (versions, day) =>
  versions.find(({ valid: [first, end] }) => (!first || first <= day) && (!end || day < end)) ?? null;

const labelOf = (row) => {
  const dose = `${row.strength} ${row.strength_unit}`.trim();
  const name = !dose || row.name.includes(dose.split(" ")[0]) ? row.name : `${row.name} ${dose}`;
  return [name, row.form.toLowerCase(), row.presentation.toLowerCase()].filter(Boolean).join(", ");
};

const medicineAnswer = (ean, row, day) => {
  const price = inForce(row.prices, day);
  const { name, inn, strength, strength_unit, form, presentation, kind, table } = row;
  return {
    ean,
    label: labelOf(row),
    name,
    inn,
    strength,
    strength_unit,
    form,
    presentation,
    kind,
    table,
    price: price && { public: price.public_price, base: price.base_price, rate: price.list_rate, day },
  };
};

const finderOf = async (name, make) => {
  const memo = await memory();
  if (!memo) return null;
  if (!memo.finders.has(name)) memo.finders.set(name, make(await rowsOf(name.split(" ")[0])));
  return memo.finders.get(name);
};

/** Medicines by brand, INN or EAN, best first, as GET medicines answers them; null without a pack. */
export const searchMedicines = async (text, day = today(), limit = 20) => {
  const found = await finderOf("medicines", medicineFinder);
  if (!found) return null;
  const rows = await rowsOf("medicines");
  return found(text, limit).map((ean) => medicineAnswer(ean, rows[ean], day));
};

/** One medicine by its exact EAN with its price of a day; null when it is not there. */
export const medicine = async (ean, day = today()) => {
  const row = (await rowsOf("medicines"))?.[ean];
  return row ? medicineAnswer(ean, row, day) : null;
};

/** The others of the same substance, strength, form and size with a price, cheapest first. */
export const equivalentsOf = async (ean, day = today(), limit = 5) => {
  const rows = (await rowsOf("medicines")) ?? {};
  const chosen = rows[ean];
  if (!chosen?.inn) return [];
  const groupOf = ({ inn, strength, strength_unit, form, size }) =>
    JSON.stringify([inn, strength, strength_unit, form, size]);
  const group = groupOf(chosen);
  const cents = (answer) => Number(answer.price.public.replace(".", ""));
  return Object.entries(rows)
    .filter(([other, row]) => other !== ean && groupOf(row) === group)
    .map(([other, row]) => medicineAnswer(other, row, day))
    .filter((answer) => answer.price?.public)
    .sort((one, other) => cents(one) - cents(other) || (one.ean < other.ean ? -1 : 1))
    .slice(0, limit);
};

const actAnswer = ({ act, label, label_ar, letter, coefficient, covered, needs_prior_approval }) => ({
  code: act,
  label: { fr: label || act, ar: label_ar || label || act },
  letter,
  coefficient: coefficient && coefficient.replace(/\.?0+$/, ""),
  tariff: null,
  covered,
  needs_prior_approval,
});

/** Acts by code or label, exact code first, as GET acts answers them; the tariff is the engine's to say. */
export const searchActs = async (text, day = today(), limit = 20) => {
  const found = await finderOf(`acts ${day}`, (rows) =>
    actFinder(Object.entries(rows).filter(([, row]) => inForce([row], day))),
  );
  if (!found) return null;
  const rows = await rowsOf("acts");
  return found(text, limit).map((key) => actAnswer(rows[key]));
};

/** The key of a prescriber by its thumbprint, with the days it may sign; null when unknown. */
export const prescriberKey = async (kid) => {
  const row = (await rowsOf("prescribers"))?.[kid];
  return row ? { kid, ...row } : null;
};

/** Every key of prescribers, as verifyCode takes them. */
export const prescriberKeys = async () =>
  Object.entries((await rowsOf("prescribers")) ?? {}).map(([kid, row]) => ({ kid, ...row }));

/**
 * Interactions that the thesaurus forbids or advises against between these medicines: {pairs: [{eans,
 * substances, levels: [[level, text]], mechanism, isLocal}], unknown (EANs without a known substance), source}.
 */
export const safetyPairs = async (eans) => {
  const rows = await rowsOf("safety");
  return rows ? pairsBetween(eans, rows) : null;
};
