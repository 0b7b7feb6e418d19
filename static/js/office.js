/**
 * The back office: what Unfold's pages lack for readers of the screen, and the keys of a decision.
 *
 * Ctrl+Enter in the reason box takes the main decision; the browser asks for the reason if it is empty.
 */

const nameSelections = () => {
  for (const selection of document.querySelectorAll(".select2-selection")) {
    const field = selection.closest(".select2")?.previousElementSibling;
    const label = field?.id && document.querySelector(`label[for="${CSS.escape(field.id)}"]`);
    if (!label) continue;
    const name = label.textContent.replace("*", "").trim();
    selection.setAttribute("aria-label", name);
    selection.querySelector(".select2-selection__rendered")?.setAttribute("aria-label", name);
  }
};

window.addEventListener("load", nameSelections);

for (const form of document.querySelectorAll(".office-decide")) {
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.ctrlKey) return;
    event.preventDefault();
    form.querySelector('[data-fse-key="e"]')?.click();
  });
}
