/**
 * The shell of every page: dialogs, keys and the language switch. Pages work without it.
 *
 * Hooks: [data-fse-open="id"] opens a <dialog>; [data-fse-search] is focused by "/";
 * [data-fse-key="F4"] is pressed by that key; form[data-fse-language] returns to this very address.
 */

const isTyping = (target) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

const open = (id) => {
  const dialog = document.getElementById(id);
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
};

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-fse-open]");
  if (opener) open(opener.dataset.fseOpen);

  for (const menu of document.querySelectorAll("details.account[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details.account[open]")) menu.open = false;
  }
  if (event.defaultPrevented || event.altKey || event.metaKey || event.ctrlKey) return;
  if (document.querySelector("dialog[open]")) return;

  const search = document.querySelector("[data-fse-search]");
  if (event.key === "/" && search && !isTyping(event.target)) {
    event.preventDefault();
    search.focus();
  } else if (event.key === "?" && !isTyping(event.target)) {
    open("key-sheet");
  } else if (/^F\d+$/.test(event.key) || !isTyping(event.target)) {
    const pressed = document.querySelector(`[data-fse-key="${CSS.escape(event.key)}"]`);
    if (pressed) {
      event.preventDefault();
      pressed.click();
    }
  }
});

for (const form of document.querySelectorAll("form[data-fse-language]")) {
  form.addEventListener("submit", () => {
    form.elements.next.value = location.pathname + location.search + location.hash;
  });
}

for (const button of document.querySelectorAll("[data-fse-print]")) {
  button.addEventListener("click", () => window.print());
}

// On a phone the links scroll sideways: the page one is on is never out of sight.
document.querySelector(".nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
