/** Where an answer comes from: the server, or, when nothing answers, what this browser keeps. */

import { isReachable, probe } from "./connection.js";

const GATEWAY = new Set([502, 503, 504]);

/** Whether an error says that the server is out of reach (not that it said no). */
export const isAway = (error) => error.isFinal === false && (error.status === undefined || GATEWAY.has(error.status));

/**
 * Ask `online()`; when the server is out of reach, `offline()`. An offline side that cannot help gives
 * undefined, and the failure is then told as it is.
 */
export const either = async (online, offline) => {
  if (!isReachable()) {
    probe();
    const found = await offline();
    if (found !== undefined) return found;
  }
  try {
    return await online();
  } catch (error) {
    if (!isAway(error)) throw error;
    const found = await offline();
    if (found === undefined) throw error;
    return found;
  }
};
