/** Safety without network: the pairs of the pack's subset, said at once; what only the server knows is said not checked. */

import { capital, language, listed, words } from "../dom.js";
import { hush, tell } from "../notices.js";
import { listedPairs } from "./reference.js";

const GRAVE = ["CONTRAINDICATED", "NOT_RECOMMENDED"];
const ABOUT = "safety-away";

const levelOf = ({ levels }) => GRAVE.find((grave) => levels.some(([level]) => level === grave));

const wording = (text) => (typeof text === "string" ? text : (text?.[language()] ?? text?.fr ?? ""));

const line = (pair) =>
  words("awayPair", { level: words(levelOf(pair)), names: listed(pair.substances.map((each) => capital(each.toLowerCase()))) });

/** Say what the pack knows of these medicines together; nothing of allergies, pregnancy or history. */
export const tellPairsAway = async (eans) => {
  hush(ABOUT);
  if (!eans.length) return;
  const found = await listedPairs(eans);
  const grave = (found?.pairs ?? []).filter(levelOf);
  if (grave.length) {
    const [first] = grave;
    const what = grave.map(line).join(" ");
    tell({ what, more: [wording(first.mechanism), words("awayUnchecked")].filter(Boolean).join(" "), about: ABOUT });
  } else {
    tell({ what: words(found ? "awayNoPair" : "awayNothing"), more: words("awayUnchecked"), state: "offline", about: ABOUT });
  }
};
