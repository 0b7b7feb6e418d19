"""One way in: a draft and its signature become a claim, judged in the same transaction.

Two round trips: what the checks need, behind the locks of the patient's household and of the number;
then what the judgement needs. Everything is written with the COMMIT.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from claims import selectors
from claims.adjudication import Decision, NoLawInForce
from claims.intake import CareClaimDraft, Shown
from claims.models import CareSheet, Claim, ClaimDocument, ClaimLine, ShownAmount, WaitingClaim
from claims.selectors import Case, Paper, Surroundings, Terms
from claims.services._as_shown import as_shown
from claims.services._judgement import Judged, judge, next_state, write_decision
from claims.services._lines import act_lines, known_for_care, known_for_dispensing, medicine_lines
from claims.services._pads import sheet_held
from claims.services._refusals import AmendsAnother, SheetOfAnother
from claims.services._runs import ADJUDICATION
from claims.services._twins import check_takes_number, meet_paper
from claims.states import ClaimState
from core import audit, pipeline, transitions
from core.appending import append
from core.crashpoints import crashpoint
from core.signatures import SignedDocument, document_hash, is_signed
from insured.models import Person
from insured.selectors import person_held
from prescriptions.intake import DispensingDraft
from prescriptions.models import Dispensing
from prescriptions.services import record_dispensing, record_offline_dispensing
from providers.intake import Offline
from providers.models import Device
from providers.selectors import Signer, signer
from providers.services import check_signer

Draft = CareClaimDraft | DispensingDraft


@dataclass(frozen=True, slots=True)
class Receipt:
    """A claim received, with what was decided of its lines; no decision when it had been received
    before, or cannot be judged yet."""

    claim: Claim
    decision: Decision | None = None
    lines: tuple[ClaimLine, ...] = ()
    shown: tuple[ShownAmount, ...] = ()


def submit_claim(
    *,
    draft: CareClaimDraft,
    signed: SignedDocument,
    by: Any,
    at: datetime,
    offline: Offline | None = None,
    shown: Shown | None = None,
) -> Receipt:
    """Receive and judge a care claim. The same document again gives the same claim.

    So does a document whose paper sheet was received before: the claim made of it (docs/paper.md).
    `offline`: it was signed with no network and is filed since its envelope arrived; `shown`: what its
    screen then said, which is paid where the law honours it. Raises the refusals of
    `providers.services.check_signer`, EntriesRefused, SheetOfAnother, PaperNumberUnknown,
    PaperNumberVoid and PaperNumberForeign; nothing is then written.
    """
    with pipeline.transaction():
        arrival = arrival_of(draft, signed, by, at, offline)
        if arrival.received is not None and sent_again(arrival.received, signed, by):
            return Receipt(arrival.received)
        known = papers_of(arrival.paper, draft)
        sheet = sheet_held(draft.fse_number)
        device = signing_device(arrival, draft, signed, by, minted=not (known or sheet))
        patient, acts = known_for_care(draft, arrival.patient, arrival.terms, at)
        if arrival.received is not None:
            return Receipt(arrival.received)
        if sheet is not None:
            check_takes_number(sheet, device.provider, opened=known)
            twin = {"draft": draft, "signed": signed, "device": device, "by": by, "at": at}
            if (on_paper := meet_paper(sheet, **twin)) is not None:
                return Receipt(on_paper)
        claim = new_claim(Claim.Kind.CARE, draft, patient, device, by, arrival.filed_at)
        claim.treatment_end_date = draft.treatment_end_date
        lines = act_lines(claim, draft.lines, acts, arrival.terms)
        return judge_and_write(claim, lines, arrival, by=by, at=at, shown=shown)


def dispense_medicine(
    *,
    draft: DispensingDraft,
    signed: SignedDocument,
    by: Any,
    at: datetime,
    offline: Offline | None = None,
    shown: Shown | None = None,
) -> Receipt:
    """Record a dispensing and its claim together. The same document again gives the same claim.

    `offline`: the boxes were handed over with no network; `shown`: what the counter's screen then said,
    which is paid where the law honours it. Raises the refusals of `check_signer`, of
    `prescriptions.services.record_dispensing` or `record_offline_dispensing`, and AmendsAnother for a
    document that replaces another one.
    """
    if draft.replaces is not None:
        raise AmendsAnother(pointer="/document/replaces")
    with pipeline.transaction():
        arrival = arrival_of(draft, signed, by, at, offline)
        if arrival.received is not None and sent_again(arrival.received, signed, by):
            return Receipt(arrival.received)
        device = signing_device(arrival, draft, signed, by, minted=False)
        patient, medicines = known_for_dispensing(draft, arrival.patient)
        if arrival.received is not None:
            return Receipt(arrival.received)
        handing = {"draft": draft, "signed": signed, "device": device, "by": by, "at": at}
        dispensing = (
            record_dispensing(**handing)
            if offline is None
            else record_offline_dispensing(**handing, offline=offline)
        )
        claim = new_claim(Claim.Kind.DISPENSING, draft, patient, device, by, arrival.filed_at)
        claim.dispensing = dispensing
        lines = medicine_lines(claim, draft, medicines, illnesses_of(dispensing))
        return judge_and_write(claim, lines, arrival, by=by, at=at, shown=shown)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What stands in the tables about a document that arrives, under the locks of its claim."""

    signed: SignedDocument
    digest: str
    number: str
    patient: Person | None
    paper: Paper
    signer: Signer
    terms: Terms
    received: Claim | None
    key_valid_at: datetime | None
    filed_at: datetime


def arrival_of(
    draft: Draft, signed: SignedDocument, by: Any, at: datetime, offline: Offline | None = None
) -> Arrival:
    """Hold the patient's household and the number, then read what the checks need: one round trip."""
    digest = document_hash(signed.document)
    signing_day = localdate(offline.signed_at if offline else at)
    patient, paper, signing, terms = pipeline.ask(
        person_held(draft.patient, number=draft.fse_number),
        selectors.paper_of(draft.fse_number, digest),
        signer(user=by, inpe=draft.inpe, kid=draft.device, day=signing_day),
        selectors.current_terms(),
    )
    received = paper.claim_id and Claim.objects.get(pk=paper.claim_id)
    return Arrival(
        signed,
        digest,
        draft.fse_number,
        patient,
        paper,
        signing,
        terms,
        received or None,
        offline.key_valid_at if offline else at,
        offline.received_at if offline else at,
    )


def sent_again(received: Claim, signed: SignedDocument, by: Any) -> bool:
    """Tell whether the author of a document sends it again, even with a device revoked since.

    Anybody else, or another signature, goes through every check of a first arrival.
    """
    device = received.device
    return (
        received.author_id == by.pk
        and device is not None
        and is_signed(signed.document, signed.signature, device.public_jwk)
    )


def papers_of(paper: Paper, draft: CareClaimDraft) -> bool:
    """Tell whether a sheet or a prescription already bears the number. Raises SheetOfAnother."""
    sheet_owner = paper.sheet.patient_id if paper.sheet else None
    owners = [owner for owner in (sheet_owner, paper.prescription_patient_id) if owner]
    if any(owner != draft.patient for owner in owners):
        raise SheetOfAnother(pointer="/document/fse_number", number=draft.fse_number)
    return bool(owners)


def signing_device(
    arrival: Arrival, draft: Draft, signed: SignedDocument, by: Any, *, minted: bool
) -> Device:
    number = draft.fse_number if minted else None
    return check_signer(
        arrival.signer,
        signed=signed,
        inpe=draft.inpe,
        minted_number=number,
        by=by,
        valid_at=arrival.key_valid_at,
    )


def new_claim(
    kind: str, draft: Draft, patient: Person, device: Device, by: Any, at: datetime
) -> Claim:
    return Claim(
        insured=patient.insured,
        patient=patient,
        provider=device.provider,
        kind=kind,
        state=ClaimState.SUBMITTED,
        author=by,
        device=device,
        third_party_payment=draft.third_party_payment,
        received_at=at,
        received_date=localdate(at),
    )


def illnesses_of(dispensing: Dispensing) -> dict[int, str]:
    items = dispensing.prescription.items.all()
    return {item.position: item.illness_code for item in items}


def judge_and_write(
    claim: Claim,
    lines: list[ClaimLine],
    arrival: Arrival,
    *,
    by: Any,
    at: datetime,
    shown: Shown | None = None,
) -> Receipt:
    """Judge a new claim, and write it as it stands after its first decision.

    A claim that the law does not let judge (a day it has no value for) is received all the same: it
    waits in the queue, set aside for a person, and a run judges it once the law is mended.
    """
    claim.excuse = selectors.excuse_of(claim, lines)
    claim.excused = claim.excused or bool(claim.excuse)
    claim.charged_centimes = sum(line.charged_centimes for line in lines)
    case = selectors.case_of(claim, lines)
    around = selectors.gather([case], arrival.terms)
    judged, missing = _judged(case, around)
    told: list[ShownAmount] = []
    if judged is not None and shown is not None:
        judged, told = as_shown(judged, shown, claim, around, at=at)
    crashpoint("adjudicate.before_save")
    claim.sheet = _sheet(claim, arrival, at)
    append(
        ClaimDocument(
            claim=claim,
            document=arrival.signed.document,
            document_hash=arrival.digest,
            signature=arrival.signed.signature,
        )
    )
    append(*lines)
    led_to: list[tuple[ClaimState, str]] = []
    if judged is not None:
        write_decision(judged, around, by=ADJUDICATION, at=at)
        claim.decision_n = case.decision_n + 1
        claim.outcome = judged.judgement.outcome.value
        claim.reimbursed_centimes = judged.judgement.total_reimbursed
        led_to.append((next_state(judged.judgement, reviewed=False), ADJUDICATION))
    transitions.bring_in(claim, by=by, at=at, then=led_to)
    if judged is None:
        append(WaitingClaim.queued(claim, at=at, error=missing))
    append(*told)
    audit.record(
        by=by,
        at=at,
        action="claims.claim.submitted",
        subject=claim,
        insured_id=claim.insured_id,
        after={"hash": arrival.digest, "fse_number": arrival.number},
    )
    crashpoint("adjudicate.after_save")
    return Receipt(claim, judged.judgement if judged else None, tuple(lines), tuple(told))


def _judged(case: Case, around: Surroundings) -> tuple[Judged | None, str]:
    """The judgement of a case, or none and what the law has no value for."""
    try:
        return judge(case, around, selectors.law()), ""
    except NoLawInForce as gap:
        return None, f"NoLawInForce: {gap}"


def _sheet(claim: Claim, arrival: Arrival, at: datetime) -> CareSheet:
    """Return the sheet of the number, opened now if this claim is its first. Raises SheetOfAnother."""
    known = arrival.paper.sheet
    if known is None:
        opened = CareSheet(
            fse_number=arrival.number,
            insured_id=claim.insured_id,
            patient_id=claim.patient_id,
            opened_at=at,
        )
        append(opened)
        return opened
    if known.patient_id != claim.patient_id:
        raise SheetOfAnother(pointer="/document/fse_number", number=arrival.number)
    return known
