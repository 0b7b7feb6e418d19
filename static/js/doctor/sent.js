/** The confirmation of one sheet, read from the server: what it keeps is what is shown. */

import { get } from "../api.js";
import { byId, capital, copy, fill, listed, said, words } from "../dom.js";
import { dayOf, written } from "../days.js";
import { verdict } from "../decision.js";
import { medicineOf } from "../medicines.js";
import { centimes, dirhams } from "../money.js";
import { tellRefusal } from "../notices.js";
import { grouped, normalised } from "../numbers.js";
import { personName } from "../people.js";

// A sheet of acts alone has no prescription; a laboratory may not read the one its acts came from.
const WITHOUT_PRESCRIPTION = [403, 404];
const number = normalised(location.pathname.split("/").filter(Boolean).at(-1));

const prescription = async () => {
  try {
    return await get(`prescriptions/${number}`);
  } catch (error) {
    if (WITHOUT_PRESCRIPTION.includes(error.status)) return null;
    throw error;
  }
};

const claim = async () => {
  const { results } = await get(`claims?${new URLSearchParams({ fse_number: number })}`);
  const own = results.find((one) => one.fse_number === number);
  return own ? get(`claims/${own.id}`) : null;
};

const nameOf = (item) => {
  if (item.medicine) return medicineOf(item.medicine).name;
  if (item.inn) return [item.inn.name, item.inn.strength, item.inn.unit].filter(Boolean).join(" ");
  return item.order ? capital(said(item.order.kind.label)) : words("compound");
};

const STATES = { DISPENSED: "paid", PARTIAL: "held", OWING: "held", NOT_DISPENSED: "fix" };

const medicineLine = (item) => {
  const boxes = item.boxes === 1 ? words("oneBox") : words("boxes", { count: item.boxes });
  const rest = [
    item.order ? "" : words("rest", { days: item.days, boxes }),
    item.substitution || !item.medicine ? "" : words("noSubstitution"),
  ];
  const shown = (moment) => (item.dose?.[moment] ?? "0").replace(".", ",");
  const element = copy("t-medicine", {
    position: item.position,
    name: nameOf(item),
    isCoded: Boolean(item.dose),
    morning: shown("morning"),
    noon: shown("noon"),
    evening: shown("evening"),
    bedtime: shown("bedtime"),
    wording: item.wording,
    rest: listed(rest),
    state: capital(said(item.state.label)),
  });
  element.querySelector('[data-t="state"]').dataset.state = STATES[item.state.code] ?? "equal";
  return element;
};

const showPrescription = (found) => {
  byId("medicines-sheet").hidden = false;
  fill(byId("medicines-sheet"), { validity: words("validUntil", { day: written(found.valid_until) }) });
  byId("medicines").replaceChildren(...found.items.map(medicineLine));
};

const showClaim = (found) => {
  const { decision } = found;
  const charged = centimes(decision.total_charged);
  const share = centimes(decision.total_reimbursed);
  const amount = dirhams(share);
  byId("decision-sheet").hidden = false;
  byId("money").hidden = false;
  byId("claim-state").dataset.state = decision.needs_review ? "held" : "paid";
  fill(byId("decision-sheet"), { state: capital(said(found.state.label)) });
  byId("decision").replaceChildren(...decision.lines.map((line) => verdict(line)));
  const paid = found.third_party_payment ? "thirdParty" : "paysAll";
  fill(byId("money"), {
    toPay: dirhams(found.third_party_payment ? charged - share : charged),
    explanation: decision.needs_review ? words("inReview") : words(paid, { amount }),
  });
};

/** The whole prescription, signed, where its device made a code; its number alone otherwise. */
const showCode = async (found) => {
  const { qr, paper } = byId("page").dataset;
  byId("paper").href = paper.replace("000000000000", number);
  if (!found?.code) {
    byId("qr").src = qr.replace("000000000000", number);
    return;
  }
  const { drawnCode } = await import("../code_drawn.js");
  byId("qr").src = drawnCode(found.code);
};

const start = async () => {
  try {
    const [ordered, claimed] = await Promise.all([prescription(), claim()]);
    const any = ordered ?? claimed;
    await showCode(ordered);
    fill(byId("sheet"), {
      number: grouped(number),
      secret: ordered?.document.secret ?? "",
      hasPaper: Boolean(ordered),
      patient: any ? personName(any.patient) : "",
      when: words("writtenOn", {
        day: written(ordered?.written_on ?? (claimed && dayOf(claimed.received_at)) ?? ""),
      }),
    });
    if (ordered) showPrescription(ordered);
    if (claimed) showClaim(claimed);
    byId("sheet").hidden = false;
    document.querySelector("h1").tabIndex = -1;
    document.querySelector("h1").focus();
  } catch (error) {
    tellRefusal(error, { kept: "", retry: start });
  }
};

start();
