/** Searching a list with no network: by code, by beginning, by words with small errors, as the server does. */

import MiniSearch from "../../vendor/minisearch/index.js";

const TYPO = 0.25; // letters changed, as a share of a word's length

/** Words without accents, in lower case, parted by single spaces: core.search.searchable. */
export const searchable = (text) =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .join(" ");

const byNameThenKey = (one, other) =>
  one.name < other.name ? -1 : one.name > other.name ? 1 : one.id < other.id ? -1 : 1;

/** Make `find(text, limit) -> ids` over entries; `of(entry)` gives {id, name, words}. */
export const finder = (entries, of) => {
  const listed = entries.map(of).map((each) => ({ ...each, plain: searchable(each.words) }));
  listed.sort(byNameThenKey);
  const index = new MiniSearch({
    fields: ["plain"],
    tokenize: (text) => text.split(/[^\p{L}\p{N}]+/u).filter(Boolean),
    processTerm: (term) => term,
    searchOptions: { prefix: true, fuzzy: TYPO, combineWith: "AND" },
  });
  index.addAll(listed);

  return (text, limit) => {
    const words = searchable(text);
    if (!words) return [];
    if (/^\d+$/.test(words)) {
      const ids = listed.map((each) => each.id).filter((id) => id.startsWith(words));
      return ids.sort().slice(0, limit);
    }
    const first = listed.filter((each) => each.plain.startsWith(words));
    const within = listed.filter((each) => !each.plain.startsWith(words) && each.plain.includes(words));
    const near = index.search(words).map((each) => each.id);
    return [...new Set([...first.map(({ id }) => id), ...within.map(({ id }) => id), ...near])].slice(0, limit);
  };
};
