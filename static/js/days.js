/** Days of care ("2026-11-22") and how people read them; the day is Morocco's, wherever the clock is. */

const ZONE = "Africa/Casablanca";
const isoDay = new Intl.DateTimeFormat("en-CA", { timeZone: ZONE });
const hour = new Intl.DateTimeFormat("fr-FR", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });

/** Today, as an ISO day. */
export const today = () => isoDay.format(new Date());

/** 2026-11-22 gives 22/11/2026. */
export const written = (day) => (day ? day.slice(0, 10).split("-").reverse().join("/") : "");

/** The day of an instant. */
export const dayOf = (instant) => isoDay.format(new Date(instant));

/** The time of day of an instant: 09:12. */
export const timeOf = (instant) => (instant ? hour.format(new Date(instant)) : "");

/** Whole years between a birth and a day. */
export const ageOn = (birth, day) => {
  const years = Number(day.slice(0, 4)) - Number(birth.slice(0, 4));
  return day.slice(5) < birth.slice(5) ? years - 1 : years;
};
