/** The lease on a prescription: taken when it is opened, renewed while it is on the counter, given back. */

import { call, get, newKey, post } from "../api.js";
import { today } from "../days.js";
import { goesOn } from "../offline/place.js";

const EARLY = 60_000;
const SHORTEST = 20_000;
// A prescriber's cancellation is told at the next renewal: the counter hears of it within this time.
const LONGEST = 60_000;
let timer;

const take = (number, provider, secret) =>
  post(`prescriptions/${number}/custody`, { provider, ...(secret && { secret }) }, { key: newKey() });

const renewBefore = (until, number, provider, lost) => {
  clearTimeout(timer);
  const wait = Math.min(Math.max(new Date(until) - Date.now() - EARLY, SHORTEST), LONGEST);
  timer = setTimeout(async () => {
    try {
      const { held_by: holder } = await take(number, provider);
      renewBefore(holder.until, number, provider, lost);
    } catch (error) {
      // Out of reach: the lease is asked for again as long as the prescription is on the counter.
      if (goesOn(error)) renewBefore(Date.now() + EARLY, number, provider, lost);
      else lost(error);
    }
  }, wait);
};

/**
 * Open a prescription at this counter and read it; `lost(error)` when the lease cannot be renewed.
 * `secret`: of the paper, or of one line's ticket; none when the insured's presence was proved.
 */
export const open = async (number, provider, secret, lost) => {
  const { held_by: holder } = await take(number, provider, secret);
  renewBefore(holder.until, number, provider, lost);
  const [prescription, rights] = await Promise.all([
    get(`prescriptions/${number}?${new URLSearchParams({ provider })}`),
    rightsOf(number, provider),
  ]);
  const patient = { ...prescription.patient, ...rights };
  return { ...prescription, patient, held_by: holder };
};

/** Rights and illnesses of the prescription's patient today; unknown when the check fails: the engine judges. */
const rightsOf = async (number, provider) => {
  try {
    const asked = { fse_number: number, day: today(), provider };
    const { persons } = await post("rights-checks", asked);
    return { rights: persons[0]?.rights, illnesses: persons[0]?.illnesses };
  } catch (error) {
    if (error.isFinal === undefined || error.isSignedOut) throw error;
    return {};
  }
};

/** Stop renewing: the server gave it back with the dispensing. */
export const closed = () => clearTimeout(timer);

/** Give a prescription back without dispensing, and why. A lease that is not given back ends by itself. */
export const giveBack = async (number, provider, reason) => {
  closed();
  await call("DELETE", `prescriptions/${number}/custody?${new URLSearchParams({ provider, reason })}`);
};
