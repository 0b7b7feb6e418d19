/** Who works here, for which provider, and the key this browser signs with. */

import { get } from "./api.js";
import { byId, language, words } from "./dom.js";
import { deviceFor, enrol } from "./keys.js";
import { takeTime, today, written } from "./days.js";
import { tell, tellRefusal } from "./notices.js";
import { arrived, offerPin, rememberedSession } from "./offline/place.js";
import { either } from "./offline/source.js";

const SIGNATORY = "SIGNATORY";

/** A provider's or a person's name in the page's language. */
export const nameOf = (party, plain = "name") =>
  (language() === "ar" && party?.name_ar) || party?.[plain] || party?.name || party?.full_name || "";

const found = async (session) => {
  const kids = session.devices.map((device) => device.kid);
  for (const provider of session.providers) {
    const device = await deviceFor(session.user.id, provider.inpe, kids);
    if (device) return { provider, device };
  }
  return { provider: session.providers[0] ?? null, device: null };
};

/** The server's word, made known to what is kept here; or what is kept here. */
const sessionHere = () =>
  either(
    async () => {
      const session = await get("session");
      takeTime(session.now);
      await arrived(session, (await found(session)).device);
      return session;
    },
    rememberedSession,
  );

/**
 * Read the session; show the enrolment card when this browser has no key yet. Returns
 * {user, provider, device}; `ready` is called again once the browser is enrolled. Null when nobody answers.
 */
export const workplace = async (ready = () => {}) => {
  let session;
  try {
    session = await sessionHere();
  } catch (error) {
    tellRefusal(error, { kept: "", retry: () => location.reload() });
    return null;
  }
  const place = { user: session.user, ...(await found(session)) };
  if (place.device) offerPin(session, place.device);
  else offerEnrolment(session, place, ready);
  return place;
};

const offerEnrolment = (session, place, ready) => {
  const own = session.providers.filter((provider) => provider.standing === SIGNATORY);
  if (!own.length) {
    byId("device-delegate").hidden = false;
    return;
  }
  byId("device-provider").replaceChildren(
    ...own.map((provider) => new Option(nameOf(provider), provider.inpe)),
  );
  // A name is plain text: the marks that turn figures inside a sentence do not belong to it.
  byId("device-label").value ||= words("deviceLabel", { day: written(today()) }).replace(/[\u2066-\u2069]/g, "");
  byId("device-card").hidden = false;
  byId("device-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (button.disabled) return;
    button.disabled = true;
    await enrolHere(session, own, place, ready);
    button.disabled = false;
  });
};

const enrolHere = async (session, own, place, ready) => {
  const inpe = byId("device-provider").value;
  const label = byId("device-label").value.trim();
  try {
    place.device = await enrol({ user: place.user.id, provider: inpe, label });
  } catch (error) {
    tellRefusal(error, { retry: () => byId("device-form").requestSubmit() });
    return;
  }
  place.provider = own.find((provider) => provider.inpe === inpe);
  byId("device-card").hidden = true;
  const what = words("deviceReady", { provider: nameOf(place.provider) });
  tell({ what, state: "paid", about: "device" });
  ready(place);
  offerPin({ ...session, devices: [...session.devices, { kid: place.device.kid }] }, place.device);
};
