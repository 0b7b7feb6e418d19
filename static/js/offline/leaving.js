/**
 * Closing the day with documents that have not left is said, whatever the browser: when the window closes,
 * and before signing out. Going from page to page is not leaving.
 */

import { csrfToken } from "../api.js";
import { byId, fill, words } from "../dom.js";
import { destroy } from "./lock.js";
import { onOutbox, unsent } from "./outbox.js";
import { drain } from "./sending.js";

let waiting = 0;
let isInside = false;
// A click that leads nowhere after all does not silence the warning for ever.
const INSIDE_FOR = 3000;

const count = async () => {
  waiting = (await unsent()).length;
};

const goingInside = () => {
  isInside = true;
  setTimeout(() => {
    isInside = false;
  }, INSIDE_FOR);
};

/** Say that the page itself goes to another page of ours. */
export const goTo = (address) => {
  goingInside();
  location.assign(address);
};

const watchWindow = () => {
  document.addEventListener("click", (event) => event.target.closest?.("a[href]") && goingInside());
  document.addEventListener("submit", goingInside);
  globalThis.navigation?.addEventListener("navigate", goingInside);
  addEventListener("beforeunload", (event) => {
    if (waiting && !isInside) event.preventDefault();
  });
};

/** Destroy what the PIN protects, then let the form through with the token of now. */
const signOut = async (form) => {
  await destroy();
  sessionStorage.clear();
  form.elements.csrfmiddlewaretoken.value = csrfToken();
  goingInside();
  HTMLFormElement.prototype.submit.call(form);
};

const askFirst = (form) => {
  const dialog = byId("leaving");
  fill(dialog, { count: waiting === 1 ? words("unsentOne") : words("unsentMany", { count: waiting }), fault: "" });
  byId("leaving-send").onclick = async () => {
    try {
      await drain({ byHand: true });
    } catch (error) {
      if (error.isFinal === undefined) throw error;
    }
    await count();
    if (waiting) fill(dialog, { fault: words("stillUnsent", { count: waiting }) });
    else await signOut(form);
  };
  byId("leaving-anyway").onclick = () => signOut(form);
  dialog.showModal();
};

const watchSignOut = () => {
  for (const form of document.querySelectorAll("form[data-fse-signout]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await count();
      if (waiting) askFirst(form);
      else await signOut(form);
    });
  }
};

/** Warn from now on. */
export const watchLeaving = () => {
  count();
  onOutbox(count);
  watchWindow();
  watchSignOut();
};
