/**
 * Dose patterns as doctors write them, read into a coded dose; and the boxes a treatment needs. Twin of
 * prescriptions/rules/dosing.py: tests/prescriptions/test_dosing.py runs the same vectors in both. What is
 * not understood whole is not coded.
 */

const HUNDREDTHS = 100;
const LONGEST_DAYS = 365;
const DAYS_OF = { j: 1, s: 7, m: 30 };
export const MOMENTS = ["morning", "noon", "evening", "bedtime"];
const MOMENT_OF = { matin: "morning", midi: "noon", soir: "evening", coucher: "bedtime", nuit: "bedtime" };
// So many times a day, without saying when; once is not there: nobody knows at what moment.
const TIMES = { 2: ["morning", "evening"], 3: ["morning", "noon", "evening"], 4: MOMENTS };
// Units counted whole, by the letters a written unit or a presentation begins with.
const COUNTED = [
  ["cp", "comprime"], ["comp", "comprime"], ["gel", "gelule"], ["caps", "capsule"], ["sach", "sachet"],
  ["suppo", "suppositoire"], ["amp", "ampoule"], ["ovule", "ovule"], ["pastille", "pastille"],
  ["dragee", "dragee"], ["patch", "patch"], ["dose", "dose"], ["unidose", "dose"],
];
const AMOUNT = "(?:[0-9]{1,2} )?(?:1/2|1/4|3/4)|[0-9]{1,2}(?:[.,][0-9]{1,2})?";
const UNIT =
  "(?:cps?|cpr|comprimes?|comp|gelules?|gel|capsules?|caps|sachets?|sach|suppositoires?|suppos?|" +
  "ampoules?|amp|ovules?|pastilles?|dragees?|patchs?|doses?|unidoses?|gouttes?|gttes?|bouffees?|" +
  "cuilleres?|ml)\\.?";
const WHEN = "(?:le |au |a |la )?(?:matin|midi|soir|coucher|nuit)";
const GROUP = `(?:${AMOUNT})(?: ?${UNIT})? ${WHEN}(?:(?: et |, ?| )${WHEN})*`;
const GROUPS = new RegExp(`^${GROUP}(?:(?: et |, ?| )${GROUP})*$`);
const ONE_GROUP = new RegExp(`(${AMOUNT})(?: ?(${UNIT}))? (${WHEN}(?:(?: et |, ?| )${WHEN})*)`, "g");
const ONE_MOMENT = /matin|midi|soir|coucher|nuit/g;
const DASHED = new RegExp(
  `^(${AMOUNT}) ?- ?(${AMOUNT}) ?- ?(${AMOUNT})(?: ?- ?(${AMOUNT}))?(?: (${UNIT}))?$`,
);
const DAILY = new RegExp(
  `^(${AMOUNT})(?: ?(${UNIT}))?(?: ?x ?([2-4])(?: fois)?| ([2-4]) ?fois) ?(?:/|par) ?(?:jour|jr|j)$`,
);
const DURATION =
  /(?:, ?| |^)(?:(?:pdt|pendant|pour|durant|qsp|x) ?)?([0-9]{1,3}) ?(jours?|jrs?|j|semaines?|sem|mois)$/;
// As the list writes it: how many packs, what they are, how many units each holds, of what.
const PRESENTATION = /^([0-9]{1,4}) [a-z]+ ([0-9]{1,4}) ([a-z]+)/;

const plain = (text) =>
  text
    .replaceAll("½", " 1/2")
    .replaceAll("¼", " 1/4")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll("×", "x")
    .replaceAll("–", "-")
    .split(/\s+/)
    .filter(Boolean)
    .join(" ");

/** A decimal text ("0.5") in hundredths of a unit. */
export const hundredths = (dose) => {
  const [whole, decimals = ""] = dose.split(".");
  return Number(whole) * HUNDREDTHS + Number(decimals.padEnd(2, "0").slice(0, 2));
};

/** Hundredths of a unit as the document writes them: "1", "0.5", "0.25". */
export const decimal = (amount) => {
  const whole = Math.floor(amount / HUNDREDTHS);
  const rest = amount % HUNDREDTHS;
  return rest ? `${whole}.${String(rest).padStart(2, "0")}`.replace(/0+$/, "") : String(whole);
};

const amountOf = (text) => {
  const parts = text.split(" ");
  const last = parts.pop();
  const total = parts.reduce((sum, part) => sum + Number(part) * HUNDREDTHS, 0);
  if (!last.includes("/")) return total + hundredths(last.replace(",", "."));
  const [above, below] = last.split("/").map(Number);
  return total + Math.floor((above * HUNDREDTHS) / below);
};

const counted = (written) =>
  written ? (COUNTED.find(([letters]) => written.startsWith(letters))?.[1] ?? "other") : "";

const dashed = (words) => {
  const found = DASHED.exec(words);
  if (!found) return null;
  const amounts = MOMENTS.map((moment, index) => [moment, amountOf(found[index + 1] ?? "0")]);
  return { doses: Object.fromEntries(amounts), unit: counted(found[5]) };
};

const daily = (words) => {
  const found = DAILY.exec(words);
  if (!found) return null;
  const amounts = TIMES[found[3] ?? found[4]].map((moment) => [moment, amountOf(found[1])]);
  return { doses: Object.fromEntries(amounts), unit: counted(found[2]) };
};

const moments = (words) => {
  if (!GROUPS.test(words)) return null;
  const doses = {};
  const units = new Set();
  for (const [, amount, unit, when] of words.matchAll(ONE_GROUP)) {
    if (unit) units.add(counted(unit));
    for (const [word] of when.matchAll(ONE_MOMENT)) {
      if (MOMENT_OF[word] in doses) return null;
      doses[MOMENT_OF[word]] = amountOf(amount);
    }
  }
  return units.size > 1 ? null : { doses, unit: [...units][0] ?? "" };
};

const withoutDuration = (words) => {
  const found = DURATION.exec(words);
  if (!found) return [words, null];
  return [words.slice(0, found.index), Number(found[1]) * DAYS_OF[found[2][0]]];
};

/** What a dose pattern says: {morning, noon, evening, bedtime, days, unit}; null when any part is not understood. */
export const readPattern = (text) => {
  const [words, days] = withoutDuration(plain(text));
  if (days !== null && (days < 1 || days > LONGEST_DAYS)) return null;
  const found = dashed(words) ?? daily(words) ?? moments(words);
  if (!found || !Object.values(found.doses).some(Boolean)) return null;
  const written = MOMENTS.map((moment) => [moment, decimal(found.doses[moment] ?? 0)]);
  return { ...Object.fromEntries(written), days, unit: found.unit };
};

/** How many counted units a box holds and which: {units, unit}; null when the text does not tell. */
export const unitsInBox = (presentation) => {
  const found = PRESENTATION.exec(plain(presentation));
  const unit = found ? counted(found[3]) : "";
  const units = found ? Number(found[1]) * Number(found[2]) : 0;
  return units && unit && unit !== "other" ? { units, unit } : null;
};

/** Boxes that cover so many days, or null when units and boxes do not speak of the same. */
export const boxesNeeded = (presentation, pattern, days) => {
  const box = unitsInBox(presentation);
  if (!box || !["", box.unit].includes(pattern.unit)) return null;
  const daily = MOMENTS.reduce((sum, moment) => sum + hundredths(pattern[moment]), 0);
  return Math.max(1, Math.ceil((daily * days) / (box.units * HUNDREDTHS)));
};
