/** Days of care ("2026-11-22") and how people read them; the day is Morocco's, wherever the clock is. */

const ZONE = "Africa/Casablanca";
const KEPT = "waraqa-clock";
const MINUTE = 60_000;
const isoDay = new Intl.DateTimeFormat("en-CA", { timeZone: ZONE });
const hour = new Intl.DateTimeFormat("fr-FR", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });

const wallTime = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE, dateStyle: "short", timeStyle: "medium" });

/**
 * How far this device is from the server, in milliseconds: `late`, its own clock; `zone`, what its table of
 * time zones says of Morocco (Debian's Chromium says UTC+0 where the server says UTC+1).
 */
let away = { late: 0, zone: 0 };
try {
  away = { ...away, ...JSON.parse(localStorage.getItem(KEPT)) };
} catch {
  // Nothing readable was kept: the device's own clock, until the server says otherwise.
}

const wholeMinutes = (span) => Math.round(span / MINUTE) * MINUTE;

/** Take the time from the server; `now` is its instant, written with Morocco's offset ("…T00:12:03+01:00"). */
export const takeTime = (now) => {
  const instant = Date.parse(now);
  const theirs = Date.parse(`${now.slice(0, 19)}Z`);
  const ours = Date.parse(`${wallTime.format(instant).replace(" ", "T")}Z`);
  away = { late: wholeMinutes(instant - Date.now()), zone: wholeMinutes(theirs - ours) };
  try {
    localStorage.setItem(KEPT, JSON.stringify(away));
  } catch {
    // A browser that keeps nothing asks again on its next page.
  }
};

const here = (instant) => new Date(new Date(instant).getTime() + away.zone);

/** Today, as an ISO day: the server's. */
export const today = () => isoDay.format(here(Date.now() + away.late));

/** 2026-11-22 gives 22/11/2026. */
export const written = (day) => (day ? day.slice(0, 10).split("-").reverse().join("/") : "");

/** The day of an instant. */
export const dayOf = (instant) => isoDay.format(here(instant));

/** The time of day of an instant: 09:12. */
export const timeOf = (instant) => (instant ? hour.format(here(instant)) : "");

/** Whole years between a birth and a day. */
export const ageOn = (birth, day) => {
  const years = Number(day.slice(0, 4)) - Number(birth.slice(0, 4));
  return day.slice(5) < birth.slice(5) ? years - 1 : years;
};
