/**
 * The signed reference pack (pack.js) and the engine (estimate.js), loaded when they are first asked for:
 * no screen waits for them, and a browser that has neither says so and goes on. Every answer has the shape
 * of the API's, or is undefined when this browser cannot give one.
 */

import { today } from "../days.js";

const pack = () => import("./pack.js");

/** Work with a module that may not be there; what it could not do is undefined. */
const trying = async (work) => {
  try {
    return (await work()) ?? undefined;
  } catch (error) {
    console.info("reference pack:", error.message);
    return undefined;
  }
};

const known = () => trying(async () => (await pack()).packInfo());

/** The id of the pack this browser works with; null without one. */
export const packId = async () => (await known())?.id ?? null;

/** When the pack was made; null without one. */
export const packDate = async () => (await known())?.made_at ?? null;

/**
 * Download or refresh the pack; `progress({done, total, left})`. A failure is for the next visit. Python, some
 * megabytes that nobody waits for, comes after it: until then amounts are told by the server alone.
 */
export const loadReference = async (progress) => {
  const info = await trying(async () => (await pack()).ensurePack(progress));
  if (info) trying(async () => (await import("./engine_files.js")).keepEngine(info.id));
  return info;
};

export const listedMedicines = (text, day) => trying(async () => (await pack()).searchMedicines(text, day));
export const listedEquivalents = (ean, day) => trying(async () => (await pack()).equivalentsOf(ean, day));
export const listedActs = (text) => trying(async () => (await pack()).searchActs(text));

/** A medicine by its EAN; null when the list has none, undefined without a list. */
export const listedMedicine = async (ean, day) => {
  if (!(await known())) return undefined;
  return (await trying(async () => (await pack()).medicine(ean, day))) ?? null;
};

/** Every key of prescribers with its days; undefined without a pack. */
export const listedKeys = () =>
  trying(async () => ((await known()) ? (await pack()).prescriberKeys() : undefined));

const lineOf = (line, document) => ({
  position: line.position,
  ...(line.ean ? { ean: line.ean } : { act: line.act }),
  quantity: line.quantity ?? line.boxes,
  charged: line.charged,
  care_date: line.care_date ?? document.dispensed_on,
  illness: line.illness ?? null,
});

const judgedBy = async (question, answer) => {
  const info = await known();
  const engine = info?.parts.find(({ name }) => name === "engine")?.sha256;
  // Facts kept before the server sealed them prove nothing.
  const isSealed = !question.known || Boolean(question.known.signature);
  return answer && info?.isValid && isSealed ? { ...answer, basis: { pack: info.id, engine, question } } : answer;
};

/**
 * What the engine would decide of a draft document, as POST estimates answers; undefined where it cannot say.
 * `basis`: with which valid pack and facts, for what is paid as shown.
 */
export const estimated = ({ document, provider, patient }) =>
  trying(async () => {
    const { estimate } = await import("./estimate.js");
    const { inpe, sector, agreements } = provider;
    const question = {
      received_date: today(),
      treatment_end_date: document.treatment_end_date ?? null,
      provider: { inpe, sector, agreements: agreements ?? null },
      known: patient.known ?? null,
      lines: document.lines.map((line) => lineOf(line, document)),
    };
    return judgedBy(question, await estimate(question));
  });

const asAsked = ({ position, ean, act, quantity, charged, care_date }) =>
  JSON.stringify([position, ean ?? act, quantity, charged, care_date]);

/**
 * What the screen showed of a document, as its envelope says (docs/offline.md): {pack, shown}; null unless
 * the engine gave it here, with a valid pack, of these very lines.
 */
export const shownOf = (estimate, document) => {
  const { pack: packed, engine, question } = estimate?.basis ?? {};
  const given = document.lines.filter(({ charged }) => charged).map((line) => asAsked(lineOf(line, document)));
  if (!packed || given.join() !== question.lines.map(asAsked).join()) return null;
  const { sector, agreements } = question.provider;
  const lines = estimate.lines.map(({ position, reimbursed }, place) => {
    const { illness } = question.lines[place];
    return { position, reimbursed, illness: illness || null };
  });
  return { pack: packed, shown: { engine, known: question.known, provider: { sector, agreements }, lines } };
};

/** The pairs of the safety subset between these medicines: {pairs, unknown}; undefined without a pack. */
export const listedPairs = (eans) => trying(async () => (await pack()).safetyPairs(eans));
