/** The confirmation of one sheet, read from the server: what it keeps is what is shown. */

import { get } from "../api.js";
import { byId, capital, copy, fill, listed, said, words } from "../dom.js";
import { dayOf, written } from "../days.js";
import { verdict } from "../decision.js";
import { medicineOf } from "../medicines.js";
import { centimes, dirhams } from "../money.js";
import { tell, tellRefusal } from "../notices.js";
import { keptSheet } from "../offline/kept.js";
import { keyHere } from "../offline/place.js";
import { either } from "../offline/source.js";
import { grouped, isPaperNumber, normalised } from "../numbers.js";
import { personName } from "../people.js";

// A sheet of acts alone has no prescription; a laboratory may not read the one its acts came from.
const WITHOUT_PRESCRIPTION = [403, 404];
const number = normalised(location.pathname.split("/").filter(Boolean).at(-1));

// A paper sheet's number is the care sheet's; the prescription of the same visit has its own.
const paper = normalised(location.hash.slice(1));
const claimNumber = isPaperNumber(paper) ? paper : number;

const prescription = async () => {
  try {
    return await get(`prescriptions/${number}`);
  } catch (error) {
    if (WITHOUT_PRESCRIPTION.includes(error.status)) return null;
    throw error;
  }
};

const claim = async () => {
  const { results } = await get(`claims?${new URLSearchParams({ fse_number: claimNumber })}`);
  const own = results.find((one) => one.fse_number === claimNumber);
  return own ? get(`claims/${own.id}`) : null;
};

const nameOf = (item) => {
  if (item.medicine) return medicineOf(item.medicine).name;
  if (item.inn) return [item.inn.name, item.inn.strength, item.inn.unit].filter(Boolean).join(" ");
  return item.order ? capital(said(item.order.kind?.label) || words("order")) : words("compound");
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
    state: item.state ? capital(said(item.state.label)) : words("keptState"),
  });
  element.querySelector('[data-t="state"]').dataset.state = item.state ? (STATES[item.state.code] ?? "equal") : "offline";
  return element;
};

const showPrescription = (found) => {
  byId("medicines-sheet").hidden = false;
  const { valid_until: day } = found;
  fill(byId("medicines-sheet"), { validity: day ? words("validUntil", { day: written(day) }) : "" });
  byId("medicines").replaceChildren(...found.items.map(medicineLine));
};

/** Its paper came first: the claim is the paper's, said in the words of the server. */
const sayOnPaper = (notice) => {
  if (notice) tell({ what: said(notice.message), more: words("onPaperNext"), state: "equal", about: "paper" });
};

/** No network and no engine here: what is owed is said later, never guessed. */
const showUnestimated = () => {
  byId("money").hidden = false;
  fill(byId("money"), { toPay: "–", explanation: words("noEstimate") });
};

const showClaim = (found) => {
  const { decision } = found;
  if (!decision) return showUnestimated();
  const charged = centimes(decision.total_charged);
  const share = centimes(decision.total_reimbursed);
  const amount = dirhams(share);
  byId("decision-sheet").hidden = false;
  byId("money").hidden = false;
  const state = decision.needs_review ? "held" : "paid";
  byId("claim-state").dataset.state = found.state ? state : "offline";
  fill(byId("decision-sheet"), { state: found.state ? capital(said(found.state.label)) : words("keptState") });
  byId("decision").replaceChildren(...decision.lines.map((line) => verdict(line)));
  const paid = found.third_party_payment ? "thirdParty" : "paysAll";
  fill(byId("money"), {
    toPay: dirhams(found.third_party_payment ? charged - share : charged),
    explanation: decision.needs_review ? words("inReview") : words(paid, { amount }),
  });
  return undefined;
};

/** The whole prescription, signed, where its device made a code; its number alone otherwise. */
const showCode = async (found, isKept) => {
  if (!found) return;
  const { qr, paper } = byId("page").dataset;
  byId("paper").href = paper.replace("000000000000", number);
  if (!found.code && !isKept) {
    byId("qr").src = qr.replace("000000000000", number);
    return;
  }
  const { drawnCode } = await import("../code_drawn.js");
  byId("qr").src = drawnCode(found.code ?? `WARAQA:${number}`);
};

const keptPair = async () => {
  if (!(await keyHere())) return undefined;
  const [ordered, claimed] = await Promise.all([keptSheet(`sheet:${number}:prescription`), keptSheet(`sheet:${claimNumber}:claim`)]);
  return ordered || claimed ? { ordered: ordered ?? null, claimed: claimed ?? null, isKept: true } : undefined;
};

const serverPair = async () => {
  const [ordered, claimed] = await Promise.all([prescription(), claim()]);
  return { ordered, claimed, isKept: false };
};

/** What the server keeps of the sheet; what this browser keeps while it has not arrived. */
const pair = async () => {
  const found = await either(serverPair, keptPair);
  return found.ordered || found.claimed ? found : ((await keptPair()) ?? found);
};

const start = async () => {
  try {
    const { ordered, claimed, isKept } = await pair();
    const any = ordered ?? claimed;
    await showCode(ordered, isKept);
    fill(byId("sheet"), {
      number: grouped(number),
      hasCode: Boolean(ordered),
      isForPharmacy: Boolean(ordered?.items.some((item) => !item.order)),
      secret: ordered?.document.secret ?? "",
      hasPaper: Boolean(ordered) && !isKept,
      isKept,
      isSent: !isKept,
      paperNumber: claimNumber === number ? "" : grouped(claimNumber),
      patient: any ? personName(any.patient) : "",
      when: words("writtenOn", {
        day: written(ordered?.written_on ?? (claimed && dayOf(claimed.received_at)) ?? ""),
      }),
    });
    if (ordered) showPrescription(ordered);
    if (claimed) {
      showClaim(claimed);
      sayOnPaper(claimed.notice);
    }
    byId("sheet").hidden = false;
    document.querySelector("h1").tabIndex = -1;
    document.querySelector("h1").focus();
  } catch (error) {
    tellRefusal(error, { kept: "", retry: start });
  }
};

start();
