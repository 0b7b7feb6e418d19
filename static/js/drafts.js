/**
 * What is typed and not yet sent. It lives in this tab only (it names a patient): it survives a reload and
 * an expired sign-in, and is gone with the tab. Another person signing in never sees it.
 */

export const draftOf = (name, owner) => {
  const place = `waraqa.${name}`;
  return {
    read() {
      try {
        const kept = JSON.parse(sessionStorage.getItem(place) ?? "null");
        if (kept?.owner === owner) return kept.value;
        sessionStorage.removeItem(place);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        sessionStorage.removeItem(place);
      }
      return null;
    },
    write(value) {
      sessionStorage.setItem(place, JSON.stringify({ owner, value }));
    },
    clear() {
      sessionStorage.removeItem(place);
    },
  };
};
