/** Patients seen recently, and sheets written here: encrypted under the PIN's key (lock.js), dated. */

import { get } from "../api.js";
import { currentKey, decrypted, encrypted } from "./lock.js";
import { readAll, readOne, together, write } from "./store.js";

const MOST_PATIENTS = 300;
const LIFE_OF_A_SHEET = 3 * 24 * 3_600_000;

/** A person with what the engine needs to estimate offline; as is where the server does not say it now. */
const withFacts = async (person) => {
  try {
    return { ...person, known: await get(`known-facts/${person.id}`) };
  } catch (error) {
    console.info("known facts:", error.message);
    return person;
  }
};

/** Remember the persons found under a CIN or a registration number, with the day they were seen. */
export const rememberPersons = async (asked, persons) => {
  const key = currentKey();
  if (!key) return;
  const at = Date.now();
  const rows = await Promise.all(
    persons.map(async (found) => {
      const person = await withFacts(found);
      return { key: person.id, at, ...(await encrypted(key, { asked, person, at })) };
    }),
  );
  await together(["patients"], async ({ patients }) => {
    for (const row of rows) await patients.put(row);
    const all = await patients.getAll();
    const old = all.sort((one, other) => other.at - one.at).slice(MOST_PATIENTS);
    for (const row of old) await patients.delete(row.key);
  });
};

/** Every person remembered, the last seen first: [{asked, person, at}]. */
export const knownPersons = async () => {
  const key = currentKey();
  if (!key) return [];
  const rows = await readAll("patients");
  const opened = await Promise.all(rows.map((row) => decrypted(key, row)));
  return opened.filter(Boolean).sort((one, other) => other.at - one.at);
};

/** Persons remembered under this CIN or registration number. */
export const personsUnder = async (asked) => {
  const wanted = Object.values(asked)[0];
  return (await knownPersons()).filter((known) => Object.values(known.asked).includes(wanted));
};

/** Keep what is shown again, and printed, while the network is away. */
export const keepSheet = async (name, value) => {
  const key = currentKey();
  if (key) await write("drafts", { name, at: Date.now(), ...(await encrypted(key, value)) });
};

/** A kept sheet, or undefined. */
export const keptSheet = async (name) => {
  const key = currentKey();
  const row = key && (await readOne("drafts", name));
  return row ? ((await decrypted(key, row)) ?? undefined) : undefined;
};

/** Sheets written days ago are at the server. */
export const forgetOldSheets = async () => {
  const limit = Date.now() - LIFE_OF_A_SHEET;
  await together(["drafts"], async ({ drafts }) => {
    for (const row of await drafts.getAll()) if (row.at < limit) await drafts.delete(row.name);
  });
};
