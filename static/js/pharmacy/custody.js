/** The lease on a prescription: taken when it is opened, renewed while it is on the counter, given back. */

import { call, get, newKey, post } from "../api.js";

const EARLY = 60_000;
const SHORTEST = 20_000;
let timer;

const take = (number, provider) =>
  post(`prescriptions/${number}/custody`, { provider }, { key: newKey() });

const renewBefore = (until, number, provider, lost) => {
  clearTimeout(timer);
  const wait = Math.max(new Date(until) - Date.now() - EARLY, SHORTEST);
  timer = setTimeout(async () => {
    try {
      const { held_by: holder } = await take(number, provider);
      renewBefore(holder.until, number, provider, lost);
    } catch (error) {
      lost(error);
    }
  }, wait);
};

/** Open a prescription at this counter and read it; `lost(error)` when the lease cannot be renewed. */
export const open = async (number, provider, lost) => {
  const { held_by: holder } = await take(number, provider);
  renewBefore(holder.until, number, provider, lost);
  const prescription = await get(`prescriptions/${number}?${new URLSearchParams({ provider })}`);
  return { ...prescription, held_by: holder };
};

/** Stop renewing: the server gave it back with the dispensing. */
export const closed = () => clearTimeout(timer);

/** Give a prescription back without dispensing. A lease that is not given back ends by itself. */
export const giveBack = async (number, provider) => {
  closed();
  await call("DELETE", `prescriptions/${number}/custody?${new URLSearchParams({ provider })}`);
};
