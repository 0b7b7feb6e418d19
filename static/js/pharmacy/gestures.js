/** What the F-keys do to the current line: owed, not handed over and why, asked about; and which line that is. */

import { askPrescriber } from "./asking.js";
import { choose } from "./choosing.js";
import { OWING } from "./dispensing.js";
import { clearRefusal, currentItem } from "./lines.js";

/** The gestures on one counter's `store`; `show()` brings the page in step. */
export const gesturesOf = (store, show) => {
  const speak = (position, outcome) => {
    const { outcomes } = store.state;
    if (outcomes[position] === outcome) delete outcomes[position];
    else outcomes[position] = outcome;
    store.state.cursor = null;
    clearRefusal();
    store.changed();
  };

  const onCurrent = (act) => () => {
    const { prescription } = store.state;
    if (!prescription || store.isLocked) return;
    const item = currentItem(store.state);
    if (item) act(item);
  };

  return {
    owe: onCurrent((item) => speak(item.position, OWING)),
    refuseLine: onCurrent(async ({ position }) => {
      const said = store.state.outcomes[position];
      if (store.state.lines[position] && !said) return;
      const reason = said ?? (await choose("why-not"));
      if (reason) speak(position, reason);
    }),
    askAbout: onCurrent((item) =>
      askPrescriber(store.state.prescription, store.place.provider.inpe, item.position),
    ),
    moveCursor: (step) => () => {
      const { state } = store;
      if (!state.prescription) return;
      const positions = state.prescription.items.map((item) => item.position);
      const index = positions.indexOf(currentItem(state)?.position) + step;
      state.cursor = positions[Math.min(Math.max(index, 0), positions.length - 1)];
      show();
    },
  };
};
