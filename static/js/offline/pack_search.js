/**
 * Searching the lists of the pack as the server searches its own: the same results in the same order
 * (prescriptions.selectors.search_medicines, claims.selectors.search_acts).
 */

import { likenessTo } from "./likeness.js";

const ALIKE = 0.45; // SIMILAR_ENOUGH, on the server

/** Words without accents, in lower case, parted by single spaces: core.search.searchable. */
export const searchable = (text) =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .join(" ");

const inOrder = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

const byNameThenId = (one, other) => inOrder(one.name, other.name) || inOrder(one.id, other.id);

const prepared = (entries, of) =>
  entries
    .map(of)
    .map((each) => ({ ...each, plain: searchable(each.words) }))
    .sort(byNameThenId);

const idsOf = (found, limit) => found.slice(0, limit).map(({ id }) => id);

/** What `wanted(each, likeness)` keeps, the likest first; else in the order of the list. */
const likest = (listed, likeness, wanted) =>
  listed
    .map((each, place) => ({ each, likeness: likeness[place] }))
    .filter((found) => wanted(found.each, found.likeness))
    .sort((one, other) => other.likeness - one.likeness)
    .map((found) => found.each);

const rankOf = ({ plain }, words, each) => {
  if (plain.startsWith(words)) return 0;
  return each.every((word) => plain.startsWith(word) || plain.includes(` ${word}`)) ? 1 : 2;
};

/** `find(text, limit) -> EANs` over the rows of medicines. */
export const medicineFinder = (rows) => {
  const listed = prepared(
    Object.entries(rows),
    ([ean, { name, inn, strength, strength_unit: unit, form }]) => ({
      id: ean,
      name,
      words: [name, inn, ean, strength, unit, form].join(" "),
    }),
  );
  const like = likenessTo(listed.map(({ plain }) => plain));

  return (text, limit) => {
    const words = searchable(text);
    if (!words) return [];
    if (/^\d+$/.test(words)) {
      return listed
        .map(({ id }) => id)
        .filter((id) => id.startsWith(words))
        .sort()
        .slice(0, limit);
    }
    const each = words.split(" ");
    const whole = listed
      .filter(({ plain }) => each.every((word) => plain.includes(word)))
      .map((found) => ({ found, rank: rankOf(found, words, each) }))
      .sort((one, other) => one.rank - other.rank)
      .map(({ found }) => found);
    if (whole.length) return idsOf(whole, limit);
    return idsOf(likest(listed, like(words), (_each, likeness) => likeness >= ALIKE), limit);
  };
};

/** `find(text, limit) -> keys of rows` over the rows of acts in force. */
export const actFinder = (rows) => {
  const listed = prepared(rows, ([key, row]) => ({
    id: key,
    name: row.act,
    words: [row.act, row.label, row.label_ar, row.chapter].join(" "),
  }));
  const like = likenessTo(listed.map(({ plain }) => plain));

  return (text, limit) => {
    const words = searchable(text);
    if (!words) return [];
    const code = text.trim().toLowerCase();
    const exact = listed.filter(({ name }) => name.toLowerCase() === code);
    const likely = likest(
      listed,
      like(words),
      (each, likeness) => !exact.includes(each) && (likeness >= ALIKE || each.plain.includes(words)),
    );
    return idsOf([...exact, ...likely], limit);
  };
};
