/** The fairness clock of a file (templates/cotton/clock.html), from what the API says of it. */

import { fill, said } from "./dom.js";

export const showClock = (element, clock) => {
  fill(element, { clock: said(clock.sentence) });
  element.dataset.state = clock.state;
  const bar = element.querySelector("progress");
  bar.max = clock.legal_days;
  bar.value = clock.used_days;
};
