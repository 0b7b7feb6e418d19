/**
 * A prescription read from its paper alone: the code's signature judged with the keys of the pack, its lines
 * named by the pack's list. What other pharmacies handed over is not on the paper; the server settles it.
 */

import { CodeUnreadable, verifyCode } from "../code.js";
import { today } from "../days.js";
import { listedKeys, listedMedicine } from "../offline/reference.js";

const INN_FIELDS = ["name", "strength", "unit", "form"];

const itemOf = async (line) => ({
  position: line.position,
  kind: line.kind,
  state: null,
  medicine: line.ean ? await medicineOf(line.ean) : null,
  inn: line.inn && Object.fromEntries(INN_FIELDS.map((name) => [name, line.inn[name] ?? ""])),
  wording: line.wording ?? "",
  dose: line.dose,
  days: line.days,
  boxes: line.boxes,
  boxes_left: line.boxes,
  substitution: line.substitution,
  illness: line.illness,
});

const medicineOf = async (ean) =>
  (await listedMedicine(ean, today())) ?? { ean, name: ean, inn: "", form: "", presentation: "", price: null };

const judged = async (scanned, keys) => {
  try {
    return await verifyCode(scanned, keys);
  } catch (error) {
    if (!(error instanceof CodeUnreadable)) throw error;
    return { verdict: "UNREADABLE", content: null };
  }
};

/**
 * Judge a scanned code with no network: {verdict, prescription, secret}, the prescription as the API gives
 * it; undefined when this browser has no keys to judge with. The verdict is one of verifyCode, or UNREADABLE.
 */
export const readPaper = async (scanned) => {
  const keys = await listedKeys();
  if (!keys) return undefined;
  const { verdict, content } = await judged(scanned, keys);
  if (verdict !== "GENUINE") return { verdict };
  const prescription = {
    fse_number: content.fse_number,
    written_on: content.written_on,
    starts_on: content.starts_on,
    valid_until: null,
    prescriber: { inpe: content.provider, name: content.provider, name_ar: "", speciality: "" },
    patient: content.person,
    held_by: null,
    state: null,
    items: await Promise.all(content.lines.map(itemOf)),
  };
  return { verdict, prescription, secret: content.secret ?? "" };
};
