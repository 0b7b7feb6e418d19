/** The left column: who it is for, whether rights are open, which prescription, until when it is ours. */

import { byId, fill, listed, said, words } from "../dom.js";
import { timeOf, written } from "../days.js";
import { grouped } from "../numbers.js";
import { illnessLabel, personDetail, personName, rightsOf } from "../people.js";
import { nameOf } from "../session.js";

const rightsShown = (patient) => {
  if (!patient.rights) return { isOpen: false, isClosed: false, illnesses: "" };
  const rights = rightsOf(patient);
  return {
    isOpen: rights.isOpen,
    isClosed: !rights.isOpen,
    rights: rights.title,
    rightsDetail: rights.detail,
    illnesses: listed((patient.illnesses ?? []).map(illnessLabel)),
  };
};

/** Show the patient and the prescription on the counter. */
export const showPatient = (prescription) => {
  const { patient, prescriber } = prescription;
  fill(byId("patient"), {
    name: personName(patient),
    detail: personDetail(patient),
    ...rightsShown(patient),
    title: words("prescriptionOf", { day: written(prescription.written_on) }),
    prescriber: listed([nameOf(prescriber), prescriber.speciality]),
    number: grouped(prescription.fse_number),
    state: said(prescription.state?.label) || words("paperOnly"),
    before: written(prescription.valid_until),
    heldUntil: timeOf(prescription.held_by?.until),
  });
};
