/** A sheet signed without network, in the shape the API will give it once it has arrived. */

const named = (line) => (line.kind === "MEDICINE" ? { name: line.medicine.name } : null);

const prescriptionKept = (body, { state }) => ({
  document: body.document,
  code: body.code,
  patient: state.patient,
  written_on: body.document.written_on,
  valid_until: null,
  items: body.document.lines.map((line, index) => ({
    ...line,
    medicine: named(state.medicines[index]),
    order: line.order && { kind: null },
    state: null,
  })),
});

const claimKept = (body, { state, estimate }) => ({
  patient: state.patient,
  received_at: new Date().toISOString(),
  third_party_payment: body.document.third_party_payment,
  state: null,
  decision: estimate,
});

/** What is kept of one signed part (signing.js), to be shown and printed here. */
export const keptSheetOf = (part, body, store) =>
  part.name === "prescription" ? prescriptionKept(body, store) : claimKept(body, store);
