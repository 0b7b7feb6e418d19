/** Says what happened, what was kept and what to do, in the page's language, at the head of the page. */

import { byId, copy, hasWord, said, words } from "./dom.js";

const place = () => byId("notices");

const LINE = /\/lines\/(\d+)/;

/** "Ligne 2 : …" where the page numbers its lines as the document does. */
const located = ({ pointer, message }) => {
  const index = LINE.exec(pointer ?? "");
  const where = index && hasWord("line") ? `${words("line", { number: Number(index[1]) + 1 })} ` : "";
  return where + said(message);
};

const sentencesOf = (error) => {
  const each = error.errors.map(located);
  return [...new Set(each)].join(" ") || said(error.whole) || words("refused");
};

const readingOf = (error) => {
  if (error.isSignedOut) {
    return { what: words("signedOut"), next: words("signedOutNext"), state: "held", signIn: true };
  }
  if (error.status === undefined) {
    return { what: words("unreachable"), next: words("unreachableNext"), state: "offline" };
  }
  if (error.status >= 500) {
    return { what: words("broken"), next: words("brokenNext"), state: "fix" };
  }
  return { what: sentencesOf(error), next: "", state: "fix" };
};

/** Show one sentence; the notice of the same `about` is replaced. */
export const tell = ({ what, more = "", state = "fix", signIn = false, retry = null, about = "" }) => {
  hush(about);
  const notice = copy("t-notice", { what, more, signIn, retry: Boolean(retry), hasActs: signIn || retry });
  notice.dataset.state = state;
  notice.dataset.about = about;
  if (state === "fix") notice.setAttribute("role", "alert");
  notice.querySelector('[data-act="close"]').addEventListener("click", () => notice.remove());
  notice.querySelector('[data-act="retry"]').addEventListener("click", () => {
    notice.remove();
    retry();
  });
  place().append(notice);
  notice.scrollIntoView({ block: "nearest" });
  return notice;
};

/** Say why a request failed. `kept`: what of the person's work was kept. `retry`: sends it again. */
export const tellRefusal = (error, { kept = words("kept"), retry = null, about = "request" } = {}) => {
  if (error.isFinal === undefined) throw error;
  const { what, next, state, signIn } = readingOf(error);
  const again = error.isFinal ? null : retry;
  return tell({ what, more: [kept, next].filter(Boolean).join(" "), state, signIn, retry: again, about });
};

/** Take away the notices about something, or all of them. */
export const hush = (about) => {
  for (const notice of [...place().children]) {
    if (about === undefined || notice.dataset.about === about) notice.remove();
  }
};
