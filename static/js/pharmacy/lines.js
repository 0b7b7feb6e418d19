/** Prescribed and scanned, side by side; a refused scan is a red line that says why. */

import { byId, copy, fill, keepRows, listed, words } from "../dom.js";
import { coverOf } from "../medicines.js";
import { centimes, dirhams } from "../money.js";
import { chargeOf, counted, scannedLines } from "./dispensing.js";

const comma = (dose) => (dose ?? "0").replace(".", ",");
const boxesWord = (count) => (count === 1 ? words("oneBox") : words("boxes", { count }));

const durationOf = (item) =>
  item.left === item.boxes || item.left === 0
    ? words("durationBoxes", { days: item.days, boxes: boxesWord(item.boxes) })
    : words("durationLeft", { days: item.days, left: item.left, all: boxesWord(item.boxes) });

/** "53,00 DH de moins qu'Amlor": the price beside the prescribed brand's, for one box. */
const difference = (item, line) => {
  const [own, asked] = [line.medicine.publicPrice, item.medicine.publicPrice];
  if (line.kind !== "equivalent" || own === null || asked === null || own === asked) return "";
  const amount = dirhams(Math.abs(asked - own));
  return words(own < asked ? "cheaper" : "dearer", { amount, name: item.medicine.name });
};

const made = (item, store) => {
  const element = copy("t-line");
  const act = (name, step) =>
    element
      .querySelector(`[data-act="${name}"]`)
      .addEventListener("click", () => store.addBoxes(item.position, step));
  act("less", -1);
  act("more", 1);
  element.querySelector('[data-field="price"]').addEventListener("input", (event) => {
    store.state.lines[item.position].price = event.target.value;
    store.changed();
  });
  return element;
};

const prescribedSide = (item) => ({
  position: item.position,
  name: item.medicine.name,
  detail: item.medicine.detail,
  hasDose: Boolean(item.dose),
  morning: comma(item.dose?.morning),
  noon: comma(item.dose?.noon),
  evening: comma(item.dose?.evening),
  duration: durationOf(item),
  fixed: !item.substitution,
  illness: Boolean(item.illness),
});

/** "lot A12, 05/2027": what the packs themselves say. */
const packsOf = (line) =>
  (line?.packs ?? [])
    .map(({ batch, serial, expires_on: day }) =>
      listed([
        batch && words("batch", { batch }),
        serial && words("serial", { serial }),
        day && words("expires", { day: `${day.slice(5, 7)}/${day.slice(0, 4)}` }),
      ]),
    )
    .filter(Boolean)
    .join(" · ");

/** Why nothing, or not all, is handed over on a line. */
const outcomeShown = (outcome) => ({
  isOwing: outcome === "OWING",
  isRefused: Boolean(outcome) && outcome !== "OWING",
  outcomeReason: outcome && outcome !== "OWING" ? words(outcome) : "",
});

const scannedSide = (item, line, judged, outcome, unknown) => ({
  ...outcomeShown(outcome),
  packs: packsOf(line),
  isScanned: Boolean(line),
  isSame: line?.kind === "same",
  isEquivalent: line?.kind === "equivalent",
  isCompound: item.kind === "COMPOUND",
  isDone: !line && item.left === 0 && item.kind !== "COMPOUND",
  isTodo: !line && item.left > 0 && !outcome,
  isSet: !line && Boolean(outcome),
  isPriced: Boolean(line),
  scannedName: line?.medicine.name,
  ean: line?.medicine.ean,
  uncovered: line ? !coverOf(line.medicine).isCovered : false,
  cheaper: line ? difference(item, line) : "",
  boxes: line ? words("boxesOf", { done: line.boxes, all: item.left }) : "",
  lessLabel: line ? words("less", { name: line.medicine.name }) : "",
  moreLabel: line ? words("more", { name: line.medicine.name }) : "",
  needsPrice: Boolean(line) && line.medicine.publicPrice === null,
  price: line ? dirhams(chargeOf(line)) : "",
  reimbursed: judged ? dirhams(centimes(judged.reimbursed)) : unknown,
  share: judged ? dirhams(centimes(judged.insured_share)) : unknown,
});

const isOpen = (state) => (item) =>
  item.left > (state.lines[item.position]?.boxes ?? 0) && !state.outcomes[item.position];

/** The line that F-keys act on: the one the arrows chose, or the first that waits. */
export const currentItem = (state) => {
  const { items } = state.prescription;
  return items.find((item) => item.position === state.cursor) ?? items.find(isOpen(state)) ?? items.at(-1);
};

/** Bring the table in step with the state and the last estimate. */
export const showLines = (store) => {
  const { state, estimate } = store;
  const { items } = state.prescription;
  const current = currentItem(state);
  const early = store.safety?.tooEarly() ?? [];
  keepRows(byId("lines"), items, {
    key: (item) => item.position,
    make: (item) => made(item, store),
    update: (element, item) => {
      const unknown = store.isUnestimated ? "–" : "…";
      const line = state.lines[item.position];
      const judged = estimate?.lines.find((one) => one.position === item.position);
      fill(element, { ...prescribedSide(item), ...scannedSide(item, line, judged, state.outcomes[item.position], unknown) });
      element.classList.toggle("is-current", item === current);
      element.querySelector("[data-more]").disabled = Boolean(line) && line.boxes >= item.left;
      const price = element.querySelector('[data-field="price"]');
      if (price !== document.activeElement) price.value = line?.price ?? "";
    },
  });
  const { due, done } = counted(state);
  byId("progress").max = due || 1;
  byId("progress").value = done;
  byId("progress-text").textContent = words("progress", { done, all: due });
};

const explained = ({ reason, item, holder }, medicine) => {
  const name = (holder ?? item?.medicine)?.name ?? "";
  const asked = item ? `${item.medicine.strength}, ${item.medicine.form}`.toLowerCase() : "";
  const own = `${medicine.strength}, ${medicine.form}`.toLowerCase();
  const sentence = reason === "otherForm" ? "otherStrength" : reason;
  return {
    title: words(reason),
    text: words(`${sentence}Text`, {
      name,
      day: medicine.expiry ?? "",
      inn: medicine.inn ?? "",
      prescribed: asked,
      scanned: own,
    }),
  };
};

/** A red line and a sound: nothing was added. */
export const refuseScan = (refusal, medicine) => {
  const said = explained(refusal, medicine);
  byId("refused").replaceChildren(copy("t-refused", { name: medicine.name, ean: medicine.ean, ...said }));
  byId("refused").firstElementChild.scrollIntoView({ block: "nearest" });
  buzz();
};

export const clearRefusal = () => byId("refused").replaceChildren();

const buzz = () => {
  if (!("AudioContext" in window)) return;
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  volume.gain.value = 0.08;
  tone.frequency.value = 196;
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.18);
  tone.addEventListener("ended", () => audio.close());
};

/** Names of what stays to be dispensed, with their boxes. */
export const leftOver = (state) => {
  const scanned = new Map(scannedLines(state).map((line) => [line.position, line.boxes]));
  return state.prescription.items
    .filter((item) => !state.outcomes[item.position] || state.outcomes[item.position] === "OWING")
    .map((item) => ({ item, left: item.left - (scanned.get(item.position) ?? 0) }))
    .filter(({ left }) => left > 0)
    .map(({ item, left }) => words("leftItem", { name: item.medicine.name, boxes: boxesWord(left) }));
};
