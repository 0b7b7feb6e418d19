/**
 * Safety alerts of the lines being written or handed over: a critical one interrupts and asks a reason,
 * a moderate one is a line, an information is an icon, and what was not checked is said quietly.
 */

import { newKey, post } from "./api.js";
import { byId, capital, copy, fill, keepRows, language, listed, quietly, said, words } from "./dom.js";
import { hush, tellRefusal } from "./notices.js";
import { goesOn } from "./offline/place.js";

const PAUSE = 300;
const SHOWN = { CRITICAL: "fix", MODERATE: "offline", INFORMATION: "equal" };
const NOTE_NEEDED = "OTHER";

/** The words of a source in the reader's language, or in the only one it has, without its line breaks. */
const wording = (texts) => flowing(texts[language()] || texts.fr || "");

const flowing = (text) => text.replace(/\s*\n(?!\s*-)/g, " ");

const namesOf = (alert) => listed(alert.pair.map(capital));

const placesOf = (alert) =>
  listed(
    alert.medicines.map(({ label, position, prescriber }) =>
      position ? words("safetyLine", { number: position, label }) : words("safetyHistory", { label, prescriber }),
    ),
  );

/**
 * Wire the page's alerts. `ask()` gives the body of a check without its moment, or null when there is
 * nothing to check; `remove(position)` takes a line away; `changed()` is told when signing may change.
 */
export const startSafety = ({ moment, ask, remove, changed }) => {
  let told = { alerts: [], not_checked: [], reasons: [] };
  let current = null;
  const answered = new Map();
  const seen = new Set();

  const open = () => told.alerts.filter((each) => each.severity === "CRITICAL" && !answered.has(each.key));

  const show = () => {
    byId("safety").hidden = !told.alerts.length && !told.not_checked.length;
    keepRows(byId("safety-list"), told.alerts, { key: (each) => each.key, make: made, update: shown });
    const gaps = new Map(told.not_checked.map((gap) => [gapOf(gap), gap]));
    byId("safety-gaps").hidden = !gaps.size;
    keepRows(byId("safety-gap-list"), [...gaps.keys()], {
      key: (text) => text,
      make: (text) => copy("t-safety-gap", { text }),
      update: () => {},
    });
    changed();
  };

  const made = () => {
    const row = copy("t-safety-alert");
    row.querySelector("button").addEventListener("click", () => {
      const alert = told.alerts.find((each) => each.key === row.dataset.key);
      interrupt(alert);
    });
    return row;
  };

  const shown = (row, alert) => {
    row.dataset.state = answered.has(alert.key) || alert.justified ? "held" : SHOWN[alert.severity];
    row.dataset.severity = alert.severity;
    fill(row, {
      level: capital(said((alert.applies ?? alert.level).label)),
      names: namesOf(alert),
      why: wording(alert.mechanism),
      justified: justifiedOf(alert, answered.get(alert.key)),
      hasJustified: Boolean(alert.justified ?? answered.get(alert.key)),
      critical: alert.severity === "CRITICAL" && !answered.has(alert.key),
      quiet: alert.severity === "INFORMATION",
    });
  };

  const answer = async (alert, kind, reason, note) => {
    const { provider, patient, fse_number: fseNumber } = ask();
    const given = { key: alert.key, answer: kind, reason, note };
    const body = { provider, patient, moment, fse_number: fseNumber, answers: [given] };
    try {
      await post("safety/answers", body, { key: newKey() });
    } catch (error) {
      tellRefusal(error, { about: "safety" });
      return;
    }
    if (kind === "OVERRIDDEN") answered.set(alert.key, { reason, note });
    byId("safety-dialog").close();
    show();
    next();
  };

  const interrupt = (alert) => {
    if (!alert) return;
    current = alert;
    const dialog = byId("safety-dialog");
    const places = alert.medicines.filter((each) => each.position);
    const last = places.at(-1)?.position ?? null;
    fill(dialog, {
      title: `${capital(said(alert.level.label))} : ${namesOf(alert)}`,
      where: placesOf(alert),
      why: wording(alert.mechanism),
      instead: wording(alert.advice) || words("safetyInstead"),
      conditions: alert.conditions.map((each) => flowing(each.text)).join("\n"),
      hasConditions: alert.conditions.length > 0,
      source: words("safetySource", { name: alert.source.name, edition: alert.source.edition }),
      removeLabel: last ? words("safetyRemove", { number: last }) : "",
      canRemove: last !== null,
      fault: "",
    });
    byId("safety-note").value = "";
    keepRows(byId("safety-reasons"), told.reasons, {
      key: (reason) => reason.code,
      make: (reason) => {
        const button = copy("t-safety-reason");
        button.addEventListener("click", () => override(reason.code));
        return button;
      },
      update: (button, reason, index) =>
        fill(button, { digit: String(index + 1), label: capital(said(reason.label)) }),
    });
    if (!dialog.open) dialog.showModal();
  };

  const override = (reason) => {
    const note = byId("safety-note").value.trim();
    if (reason === NOTE_NEEDED && !note) {
      fill(byId("safety-dialog"), { fault: words("safetyNote") });
      byId("safety-note").focus();
      return;
    }
    answer(current, "OVERRIDDEN", reason, note);
  };

  const next = () => {
    const alert = open().find((each) => !seen.has(each.key));
    if (!alert || document.querySelector("dialog[open]")) return;
    seen.add(alert.key);
    interrupt(alert);
  };

  byId("safety-remove").addEventListener("click", async () => {
    const position = current.medicines.findLast((each) => each.position).position;
    await answer(current, "ACCEPTED", null, "");
    remove(position);
  });
  byId("safety-dialog").addEventListener("keydown", (event) => {
    const button = byId("safety-reasons").children[Number(event.key) - 1];
    if (!button || event.target.tagName === "INPUT") return;
    event.preventDefault();
    button.click();
  });

  const check = quietly(async () => {
    const body = ask();
    if (!body) {
      told = { ...told, alerts: [], not_checked: [] };
      show();
      return;
    }
    try {
      told = await post("safety", { ...body, moment });
      hush("safety-away");
      show();
      next();
    } catch (error) {
      if (goesOn(error)) await checkAway(body);
      else tellRefusal(error, { about: "safety", kept: "", retry: check });
    }
  }, PAUSE);

  /** What was said with the network stays said; the pack speaks of the lines alone. */
  const checkAway = async ({ lines }) => {
    const { tellPairsAway } = await import("./offline/safety_away.js");
    await tellPairsAway(lines.map(({ ean }) => ean).filter(Boolean));
    show();
  };

  return {
    check,
    /** How many critical alerts still wait for an answer. */
    waiting: () => open().length,
    /** What was overridden here, as the signed document carries it. */
    overrides: () => [...answered].map(([key, { reason, note }]) => ({ key, reason, note })),
    /** Lines whose dose is above the maximum, on purpose; said on each prescription, even when justified before. */
    overMaximum: () =>
      told.alerts
        .filter(({ kind, key, justified }) => kind.code === "MAXIMUM_DOSE" && (justified || answered.has(key)))
        .flatMap(({ medicines }) => medicines.map(({ position }) => position)),
    /** Lines that take up again, too early, what still runs. */
    tooEarly: () =>
      told.alerts
        .filter(({ kind }) => kind.code === "EARLY_RENEWAL")
        .flatMap(({ medicines }) => medicines.map(({ position }) => position).filter(Boolean)),
    forget: () => {
      answered.clear();
      seen.clear();
      check();
    },
  };
};

const gapOf = ({ kind, why, subject }) =>
  words("safetyGap", { kind: capital(said(kind.label)), subject, why: said(why.label) });

const justifiedOf = (alert, mine) => {
  if (mine) return words("safetyAnswered");
  if (!alert.justified) return "";
  const { reason, provider, note } = alert.justified;
  return words("safetyJustified", { reason: said(reason.label), provider, note });
};
