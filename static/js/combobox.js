/**
 * A field that searches while one types: arrows walk, Enter takes, Esc closes (ARIA combobox with a list).
 */

import { quietly } from "./dom.js";

const PAUSE = 140;

/**
 * search(text, signal) gives items; option(item) gives its <li>; choose(item) is called; failed(error);
 * `shortest` is the number of letters it takes to search.
 */
export const combobox = ({ input, list, search, option, choose, failed, empty, shortest = 2 }) => {
  let items = [];
  let current = -1;
  let asking = null;

  const mark = (index) => {
    current = index;
    [...list.children].forEach((child, place) => {
      child.setAttribute("aria-selected", String(place === index));
    });
    const child = list.children[index];
    if (child) child.scrollIntoView({ block: "nearest" });
    if (child && index >= 0) input.setAttribute("aria-activedescendant", child.id);
    else input.removeAttribute("aria-activedescendant");
  };

  const close = () => {
    asking?.abort();
    items = [];
    list.replaceChildren();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    mark(-1);
  };

  const take = (index) => {
    const item = items[index];
    if (!item) return;
    close();
    input.value = "";
    choose(item);
  };

  const show = (answer) => {
    items = answer;
    list.replaceChildren(...items.map((item, index) => dressed(option(item), index)));
    if (!items.length) list.append(empty());
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(items.length ? 0 : -1);
  };

  const dressed = (child, index) => {
    child.id = `${list.id}-${index}`;
    child.setAttribute("role", "option");
    child.addEventListener("pointerdown", (event) => event.preventDefault());
    child.addEventListener("click", () => take(index));
    return child;
  };

  const ask = async (takeFirst = false) => {
    const text = input.value.trim();
    if (text.length < shortest) return close();
    asking?.abort();
    asking = new AbortController();
    const mine = asking;
    try {
      const answer = await search(text, mine.signal);
      if (mine !== asking) return undefined;
      show(answer);
      if (takeFirst && answer.length === 1) take(0);
    } catch (error) {
      if (error.name !== "AbortError") failed(error);
    }
    return undefined;
  };

  input.addEventListener("input", quietly(() => ask(), PAUSE));
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (items.length) mark((current + step + items.length) % items.length);
      else ask();
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (items.length) take(current);
      // A scanner types faster than we search: a lone answer is taken at once.
      else ask(true);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
};
