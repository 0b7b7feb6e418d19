/** The safety subset: the thesaurus' pairs between two medicines, gravest of each pair of substances. */

const RANK = { CONTRAINDICATED: 4, NOT_RECOMMENDED: 3, PRECAUTION: 2, CONSIDER: 1 };

const rankOf = ({ levels }) => Math.max(...levels.map(([level]) => RANK[level]));

const routeOf = (side) => side.split("@")[1];

/** Every entry that holds between two medicines, each once, the gravest first, asserted ones before. */
const between = (first, second, rows) => {
  const found = new Map();
  for (const one of rows[`medicine|${first}`] ?? []) {
    for (const other of rows[`medicine|${second}`] ?? []) {
      const substances = [one.split("@")[0], other.split("@")[0]];
      if (substances[0] === substances[1]) continue;
      for (const a of rows[`sides|${one}`]) {
        for (const b of rows[`sides|${other}`]) {
          const key = a < b ? `pair|${a}|${b}` : `pair|${b}|${a}`;
          const entry = rows[key];
          if (!entry || found.has(key)) continue;
          const isLocal = [one, other].some((side) => routeOf(side) === "LOCAL") && !entry.speaks_of_local;
          found.set(key, { eans: [first, second], substances, isLocal, ...entry });
        }
      }
    }
  }
  return [...found.values()].sort((x, y) => rankOf(y) - rankOf(x) || x.levels.length - y.levels.length);
};

/** {pairs, unknown, source}: see pack.js. */
export const pairsBetween = (eans, rows) => {
  const pairs = [];
  eans.forEach((first, index) => {
    for (const second of eans.slice(index + 1)) {
      const seen = new Set();
      for (const each of between(first, second, rows)) {
        const pair = [...each.substances].sort().join("|");
        if (!seen.has(pair)) pairs.push(each);
        seen.add(pair);
      }
    }
  });
  const unknown = eans.filter((ean) => !rows[`medicine|${ean}`]);
  return { pairs, unknown, source: rows.source };
};
