/** Keys of the counter: F-keys act anywhere, plain characters only where nothing is being typed. */

const isTyping = (target) => target.matches?.("input:not([type=checkbox]), select, textarea") && target.value !== "";

/**
 * `shortcuts` by key; `always` acts even when nothing is on the counter, the others only when something is;
 * `finish()` answers Ctrl+Enter.
 */
export const listenToKeys = ({ shortcuts, always, isIdle, finish }) => {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.ctrlKey && event.key === "Enter") {
      event.preventDefault();
      finish();
      return;
    }
    const act = shortcuts[event.key];
    const isPlain = event.key.length === 1 && isTyping(event.target);
    if (!act || isPlain || event.ctrlKey || event.altKey || event.metaKey) return;
    if (isIdle() && act !== always) return;
    event.preventDefault();
    act();
  });
};
