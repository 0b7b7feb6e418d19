/** The connection, on every page: a word, a drawing, and the way to the queue. */

import { byId, words } from "../dom.js";
import { isReachable } from "./connection.js";
import { entries, KEPT } from "./outbox.js";

const DRAWINGS = { paid: "dot", offline: "cloud-off", held: "dot", fix: "cross" };

// Where the top is narrow, the number says it, and the link leads to the rest.
const narrow = matchMedia("(max-width: 640px)");
/** Call `listener` when the top becomes narrow or wide. */
export const onWidth = (listener) => narrow.addEventListener("change", listener);
const awayWith = (count) => words(narrow.matches ? "pillAwayCount" : "pillAwayWaiting", { count });

const reading = ({ waiting, refused, progress }) => {
  if (progress) return ["held", words("pillSending", progress)];
  if (!isReachable()) return ["offline", waiting ? awayWith(waiting) : words("pillAway")];
  if (refused) return ["fix", refused === 1 ? words("pillRefusedOne") : words("pillRefused", { count: refused })];
  if (waiting) return ["held", words("pillWaiting", { count: waiting })];
  return ["paid", words("pillOnline")];
};

/** Bring the pill in step with the network and the queue. */
export const showPill = async (progress = null) => {
  const pill = byId("connection");
  if (!pill) return;
  const all = await entries();
  const waiting = all.filter(({ state }) => state === KEPT).length;
  const refused = all.filter(({ state }) => state === "REFUSED").length;
  const [state, label] = reading({ waiting, refused, progress });
  pill.dataset.state = state;
  pill.querySelector("use").setAttribute("href", `#i-${DRAWINGS[state]}`);
  const place = pill.querySelector('[role="status"]');
  if (place.textContent !== label) place.textContent = label;
};
