/**
 * How alike a few words are to a part of a text: word_similarity of PostgreSQL's pg_trgm, step for step
 * (contrib/pg_trgm/trgm_op.c, iterate_word_similarity), so that a search offline ranks as the server's.
 */

const NOWHERE = -1;

/** Three letters at a time, each word between two spaces and one. */
const trigramsOf = (text) =>
  text.split(/[^\p{L}\p{N}]+/u).flatMap((word) => {
    if (!word) return [];
    const letters = [..."  ", ...word, " "];
    return letters.slice(2).map((_each, place) => letters.slice(place, place + 3).join(""));
  });

/** Single precision, as PostgreSQL counts it: what is just at a limit falls on the same side. */
const share = (count, asked, taken) => Math.fround(count / (asked + taken - count));

/** Texts made ready once; `like(words)` then gives each one's likeness, 0 to 1, in their order. */
export const likenessTo = (texts) => {
  const names = new Map();
  const nameOf = (trigram) => names.get(trigram) ?? (names.set(trigram, names.size), names.size - 1);
  const listed = texts.map((text) => Int32Array.from(trigramsOf(text), nameOf));
  const last = new Int32Array(names.size).fill(NOWHERE);

  const best = (text, isAsked, asked) => {
    let [most, lower, count, taken] = [0, NOWHERE, 0, 0];
    for (let upper = 0; upper < text.length; upper += 1) {
      const here = text[upper];
      if (lower !== NOWHERE || isAsked[here]) {
        if (last[here] === NOWHERE) {
          taken += 1;
          count += isAsked[here];
        }
        last[here] = upper;
      }
      if (!isAsked[here]) continue;
      if (lower === NOWHERE) [lower, taken] = [upper, 1];
      let [found, kept, keptTaken, keptCount] = [share(count, asked, taken), lower, taken, count];
      let [leftTaken, leftCount] = [taken, count];
      for (let from = lower; from <= upper; from += 1) {
        const now = share(leftCount, asked, leftTaken);
        if (now > found) [found, kept, keptTaken, keptCount] = [now, from, leftTaken, leftCount];
        if (last[text[from]] === from) {
          leftTaken -= 1;
          leftCount -= isAsked[text[from]];
        }
      }
      most = Math.max(most, found);
      for (let from = lower; from < kept; from += 1) if (last[text[from]] === from) last[text[from]] = NOWHERE;
      [lower, taken, count] = [kept, keptTaken, keptCount];
    }
    for (const each of text) last[each] = NOWHERE;
    return most;
  };

  return (words) => {
    const wanted = new Set(trigramsOf(words));
    const isAsked = new Uint8Array(names.size);
    for (const trigram of wanted) if (names.has(trigram)) isAsked[names.get(trigram)] = 1;
    return listed.map((text) => best(text, isAsked, wanted.size));
  };
};
