/** What is on the counter, as the engine prices it and as the safety check reads it. */

import { post } from "../api.js";
import { quietly } from "../dom.js";
import { hush, tellRefusal } from "../notices.js";
import { estimated } from "../offline/reference.js";
import { either } from "../offline/source.js";
import { chargeOf, estimateDocument, scannedLines } from "./dispensing.js";

const PAUSE = 150;

/** Of this browser's own engine, with the illness each line was prescribed for; null where it cannot say. */
const estimatedHere = async (document, { place, state }) => {
  const { patient, items } = state.prescription;
  const illnesses = new Map(items.map(({ position, illness }) => [position, illness]));
  const lines = document.lines.map((line) => ({ ...line, illness: illnesses.get(line.position) || null }));
  return (await estimated({ document: { ...document, lines }, provider: place.provider, patient })) ?? null;
};

const askedFor = ({ state, place, isReceipt }) => {
  const lines = state.prescription && !isReceipt ? scannedLines(state) : [];
  if (!lines.length || lines.some((line) => !chargeOf(line))) return "";
  return JSON.stringify(estimateDocument(state, place.provider.inpe));
};

/** The estimate of one counter's `store`, asked once things are quiet; `show()` brings the page in step. */
export const estimating = (store, show) => {
  const estimate = quietly(async () => {
    const asked = askedFor(store);
    if (!asked) return;
    try {
      const document = JSON.parse(asked);
      const answer = await either(
        () => post("estimates", { document }),
        () => estimatedHere(document, store),
      );
      // The next patient may be there before the answer.
      if (asked !== askedFor(store)) return;
      store.estimate = answer;
      store.isUnestimated = !answer;
      hush("estimate");
    } catch (error) {
      tellRefusal(error, { about: "estimate", kept: "", retry: estimate });
    }
    show();
  }, PAUSE);
  return estimate;
};

/** What is about to be handed over, as the safety check reads it; null when nothing is. */
export const treatmentOf = ({ state, place, isReceipt }) => {
  const lines = scannedLines(state);
  if (!lines.length || isReceipt) return null;
  const prescribed = new Map(state.prescription.items.map((item) => [item.position, item]));
  return {
    provider: place.provider.inpe,
    patient: state.prescription.patient.id,
    fse_number: state.prescription.fse_number,
    lines: lines.map(({ position, medicine }) => {
      const { dose, days } = prescribed.get(position);
      return { position, ean: medicine.ean, inn: null, dose, days };
    }),
  };
};
