/** A list that the API gives page by page. Only the answer to the last question is drawn, however slow an earlier one. */

import { get } from "./api.js";
import { byId } from "./dom.js";
import { tellRefusal } from "./notices.js";

/**
 * Give the function that asks `resource` anew; the button #more asks for the page after.
 *
 * `draw(results, hasMore)` adds rows; who asks anew empties the page first.
 */
export const pagedList = (resource, draw) => {
  let question = 0;
  let next = null;

  const load = async (address) => {
    const asked = ++question;
    try {
      const answer = await get(address);
      if (asked !== question) return;
      next = answer.next ? `${resource}${new URL(answer.next, location.href).search}` : null;
      draw(answer.results, Boolean(next));
    } catch (error) {
      if (asked === question) tellRefusal(error, { kept: "", retry: () => load(address) });
    }
  };

  byId("more")?.addEventListener("click", () => load(next));
  return (filters) => load(filters.size ? `${resource}?${filters}` : resource);
};
