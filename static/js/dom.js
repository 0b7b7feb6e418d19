/**
 * Pages come without data: every word and every piece of markup is in the page, in its language, inside
 * <template> elements. These helpers fill them; nothing is ever built from a string of HTML.
 */

export const byId = (id) => document.getElementById(id);

/** A sentence of the page, `{name}` filled: words("left", {count: 2}). */
export const words = (key, values = {}) => {
  const entry = wordOf(key);
  if (!entry) throw new Error(`no word ${key} in this page`);
  return entry.textContent.trim().replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    return value === undefined || value === null ? whole : isolated(value);
  });
};

/** Of the page, or of the frame that every page of a work place has. */
const wordOf = (key) =>
  ["words", "frame-words"]
    .map((id) => byId(id)?.content.querySelector(`[data-word="${CSS.escape(key)}"]`))
    .find(Boolean) ?? null;

/**
 * A figure or a Latin name inside an Arabic sentence keeps its own direction (first strong isolate); what
 * is itself made of such parts is Arabic (right-to-left isolate).
 */
const isolated = (value) => {
  if (language() !== "ar" || value === "") return value;
  return `${String(value).includes("\u2068") ? "\u2067" : "\u2068"}${value}\u2069`;
};

/** Words one after another, with the comma of the page's language. */
export const listed = (parts) => parts.filter(Boolean).join(language() === "ar" ? "، " : ", ");

/** Whether the page has a sentence for this key. */
export const hasWord = (key) => wordOf(key) !== null;

/**
 * Fill an element: [data-t="name"] gets the text, [data-if="name"] is shown when the value is true,
 * [data-value="name"] gets the value of a control.
 */
export const fill = (element, values) => {
  for (const [name, value] of Object.entries(values)) {
    for (const place of within(element, `[data-t="${name}"]`)) place.textContent = value ?? "";
    for (const place of within(element, `[data-if="${name}"]`)) place.hidden = !value;
    for (const place of within(element, `[data-value="${name}"]`)) {
      if (place.type === "checkbox") place.checked = Boolean(value);
      else if (place.value !== String(value ?? "")) place.value = value ?? "";
    }
  }
  return element;
};

const within = (element, selector) => [
  ...(element.matches?.(selector) ? [element] : []),
  ...element.querySelectorAll(selector),
];

/** A filled copy of a <template>'s first element. */
export const copy = (templateId, values = {}) =>
  fill(byId(templateId).content.firstElementChild.cloneNode(true), values);

/** Keep the children of `parent` in step with `rows`, touching only what changed, so that focus stays. */
export const keepRows = (parent, rows, { key, make, update }) => {
  const before = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  rows.forEach((row, index) => {
    const name = String(key(row));
    let child = before.get(name);
    before.delete(name);
    if (!child) {
      child = make(row);
      child.dataset.key = name;
    }
    update(child, row, index);
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
  for (const child of before.values()) child.remove();
};

/** Run `work` once things have been quiet for `delay` milliseconds. */
export const quietly = (work, delay) => {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...values), delay);
  };
};

/** The page's language, one of those every answer carries. */
export const language = () => (document.documentElement.lang === "ar" ? "ar" : "fr");

/** A label that stands alone begins with a capital. */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** A sentence the server gives in both languages. */
export const said = (message) => (typeof message === "string" ? message : (message?.[language()] ?? ""));
