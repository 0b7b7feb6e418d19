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

// Searchable lists are built when jQuery says so, which may be after the load of a page kept in cache.
const jQuery = window.django?.jQuery;
jQuery?.(nameSelections);
jQuery?.(document).on("select2:open", () => {
  const selection = document.querySelector(".select2-selection[aria-expanded='true']");
  const search = document.querySelector(".select2-container--open .select2-search__field");
  if (!selection || !search) return;
  search.setAttribute("aria-label", selection.getAttribute("aria-label") ?? "");
  selection.setAttribute("aria-controls", selection.getAttribute("aria-owns") ?? "");
});

for (const form of document.querySelectorAll(".office-decide")) {
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.ctrlKey) return;
    event.preventDefault();
    form.querySelector('[data-fse-key="e"]')?.click();
  });
}
