/** The number of a paper sheet filled in as well: typed, or scanned by a reader that types like a keyboard. */

import { byId, fill, words } from "../dom.js";
import { grouped } from "../numbers.js";
import { paperFault, paperNumber } from "./consultation.js";

const WHOLE = 12;

const field = () => byId("paper-number");

/** Show the number and what is wrong in it; one being typed is judged once it is whole. */
export const showPaper = ({ state }) => {
  const number = paperNumber(state);
  const isTyping = field() === document.activeElement;
  if (!isTyping) field().value = grouped(number);
  if (number) byId("paper-sheet").open = true;
  const fault = isTyping && number.length !== WHOLE ? null : paperFault(state);
  field().toggleAttribute("aria-invalid", Boolean(fault));
  byId("paper-error").hidden = !fault;
  fill(byId("paper-error"), { error: fault ? words(fault) : "" });
};

/** Why the sheet cannot be signed with this number, or "". */
export const whyPaperNot = (state) => {
  const fault = paperFault(state);
  if (fault) return words(fault);
  return paperNumber(state) && !state.acts.length ? words("paperNoAct") : "";
};

/** Wire the field; a code scanned whole leaves its number. */
export const startPaper = (store) => {
  field().addEventListener("input", () => {
    store.state.paper = field().value;
    const number = paperNumber(store.state);
    if (number.length === WHOLE && field().value.length > 2 * WHOLE) field().value = grouped(number);
    store.changed();
  });
  field().addEventListener("focus", () => field().select());
  field().addEventListener("blur", () => store.show());
};
