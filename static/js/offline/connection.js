/**
 * Whether the server can be reached: known from every answer, and asked of a probe, never of
 * navigator.onLine alone (a cable in a dead router is "online").
 */

const PROBE = "/sonde/";
const PROBE_LIMIT = 3000;
const changes = new EventTarget();
let reachable = navigator.onLine;
let since = null;
let probing = null;

/** Whether the last word of the network was an answer. */
export const isReachable = () => reachable;

/** The instant since which nothing answers, as ISO text; null while something does. */
export const awaySince = () => since;

/** Record that an answer came, or that none did. */
export const reached = (answered) => {
  if (!answered) since ??= new Date().toISOString();
  else since = null;
  if (reachable === answered) return;
  reachable = answered;
  changes.dispatchEvent(new Event("change"));
};

/** Call `listener` whenever the connection comes or goes. */
export const onConnection = (listener) => changes.addEventListener("change", listener);

const asked = async () => {
  try {
    const answer = await fetch(PROBE, { cache: "no-store", signal: AbortSignal.timeout(PROBE_LIMIT) });
    reached(answer.status === 204);
  } catch {
    reached(false);
  }
  probing = null;
  return reachable;
};

/** Ask the server itself; two questions at once are one. */
export const probe = () => {
  probing ??= asked();
  return probing;
};
