/** The signed reference pack and the engine. */

/** The id of the pack this browser works with; null without one. */
export const packId = async () => null;

/** When the pack was made; null without one. */
export const packDate = async () => null;

/** Download or refresh the pack. */
export const loadReference = async () => {};
