/** What the engine decided, line by line, each with its reasons and its steps in words. */

import { copy, said } from "./dom.js";
import { centimes, dirhams, percent } from "./money.js";

/** A sentence of the engine: {message} for a reason, {sentence} for a step, or the words themselves. */
const sentence = (entry) => said(entry.message ?? entry.sentence ?? entry);

/** Fill a list element with sentences. */
export const sayReasons = (list, entries) => {
  list.replaceChildren(
    ...entries.map((entry) =>
      copy("t-reason", { text: sentence(entry), reference: said(entry.reference) }),
    ),
  );
};

/** One line of a decision as an element; `label` and `charged` when the page knows them better. */
export const verdict = (line, { label, charged, note = "" } = {}) => {
  const element = copy("t-decision-line", {
    number: line.position,
    label: label ?? said(line.label),
    note,
    charged: dirhams(charged ?? centimes(line.charged)),
    tariff: dirhams(centimes(line.tariff)),
    base: dirhams(centimes(line.base)),
    rate: percent(line.rate),
    reimbursed: dirhams(centimes(line.reimbursed)),
    share: dirhams(centimes(line.insured_share)),
    hasSteps: (line.steps ?? []).length > 0,
  });
  sayReasons(element.querySelector('[data-list="reasons"]'), line.reasons ?? []);
  sayReasons(element.querySelector('[data-list="steps"]'), line.steps ?? []);
  return element;
};
