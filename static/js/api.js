/**
 * The JSON API as these pages use it. A write carries an Idempotency-Key that its caller keeps until an
 * answer came, so that trying again never writes twice.
 */

import { reached } from "./offline/connection.js";

const ROOT = "/api/v1/";
const SIGNED_OUT = 401;
const TRY_LATER = new Set([408, 425, 429]);
// A network that swallows everything is no network; in milliseconds.
const LONGEST_WAIT = 20_000;
const GATEWAY = new Set([502, 503, 504]);
// Production names its cookies so that no other host can set them.
const CSRF_COOKIES = ["__Host-csrf", "csrftoken"];

/** The server said no: nothing was written. `errors` say where and what, `whole` says it in one sentence. */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.code ?? `HTTP ${status}`);
    this.status = status;
    this.code = problem.code ?? "";
    this.errors = problem.errors ?? [];
    this.answers = problem.answers ?? null;
    this.whole = problem.message ?? problem.detail ?? problem.title;
  }

  get isSignedOut() {
    return this.status === SIGNED_OUT;
  }

  /** Whether the answer is final; otherwise the same request may be sent again as it is. */
  get isFinal() {
    return this.status < 500 && !this.isSignedOut && !TRY_LATER.has(this.status);
  }
}

/** No answer came: the request may or may not have arrived. */
export class Unreachable extends Error {
  isFinal = false;
  isSignedOut = false;
}

const cookie = (name) =>
  document.cookie
    .split("; ")
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? "";

/** What proves that a write comes from our own page. Read at each call: signing in elsewhere changes it. */
export const csrfToken = () => CSRF_COOKIES.map(cookie).find(Boolean) ?? "";

const timed = (signal) => {
  const limit = AbortSignal.timeout(LONGEST_WAIT);
  return signal ? AbortSignal.any([signal, limit]) : limit;
};

const headersOf = (method, key, body) => {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (key) headers["Idempotency-Key"] = key;
  return headers;
};

/** The browser lost the cookie that proves our pages, or holds another session's: the API gives it again. */
const PROOF_LOST = "CSRF_REFUSED";

/** Call the API and return its JSON answer. Throws Refusal or Unreachable. */
export const call = async (method, path, options = {}) => {
  try {
    return await callOnce(method, path, options);
  } catch (error) {
    if (error.code !== PROOF_LOST) throw error;
    await callOnce("GET", "session");
    return callOnce(method, path, options);
  }
};

const callOnce = async (method, path, { body, key, signal } = {}) => {
  let response;
  let answer;
  try {
    response = await fetch(ROOT + path, {
      method,
      signal: timed(signal),
      credentials: "same-origin",
      headers: headersOf(method, key, body),
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    answer = response.headers.get("Content-Type")?.includes("json") && text ? JSON.parse(text) : {};
  } catch (error) {
    if (error.name === "AbortError") throw error;
    reached(false);
    throw new Unreachable(error.message);
  }
  reached(!GATEWAY.has(response.status));
  if (!response.ok) throw new Refusal(response.status, answer);
  return answer;
};

export const get = (path, options) => call("GET", path, options);
export const post = (path, body, options) => call("POST", path, { body, ...options });

/** A fresh key for a write. */
export const newKey = () => crypto.randomUUID();
