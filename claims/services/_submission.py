"""One way in: a draft and its signature become a claim, judged in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from claims import selectors
from claims.adjudication import Decision, Reason, adjudicate
from claims.adjudication import facts as known
from claims.intake import ActLine, CareClaimDraft
from claims.models import Act, CareSheet, Claim, ClaimDocument, ClaimLine
from claims.services._judgement import adjudicate_claims
from claims.services._refusals import (
    ActUnknown,
    ActUnmapped,
    MedicineWithoutPrice,
    SheetOfAnother,
)
from claims.states import ClaimState
from core import audit, locks, transitions
from core.errors import DomainError, refuse_all
from core.periods import Period
from core.signatures import SignedDocument, document_hash, is_signed
from insured.models import Entitlement, LongTermIllness, Person
from insured.selectors import entitlement_on, find_persons, illnesses_on, person_by_id
from prescriptions.intake import DispensingDraft
from prescriptions.models import Dispensing, Medicine
from prescriptions.selectors import prescription_by_number, prices_of
from prescriptions.services import (
    FutureDay,
    PatientUnknown,
    medicines_by_ean,
    record_dispensing,
)
from providers.models import Device, Provider
from providers.selectors import provider_by_inpe
from providers.services import check_signed


def submit_claim(*, draft: CareClaimDraft, signed: SignedDocument, by: Any, at: datetime) -> Claim:
    """Receive and judge a care claim. The same document again gives the same claim.

    Raises the refusals of `providers.services.check_signed`, EntriesRefused and SheetOfAnother; nothing
    is then written.
    """
    existing = _received_from(by, signed)
    if existing is not None:
        return existing
    device = check_signed(
        signed=signed,
        kid=draft.device,
        inpe=draft.inpe,
        fse_number=draft.fse_number,
        minted=not _number_is_known(draft),
        by=by,
        at=at,
    )
    patient, acts = _known_for_care(draft, at)
    with transaction.atomic():
        locks.hold(patient.insured_id)
        existing = _already_received(signed)
        if existing is not None:
            return existing
        claim = _new_claim(
            kind=Claim.Kind.CARE, draft=draft, patient=patient, device=device, by=by, at=at
        )
        claim.treatment_end_date = draft.treatment_end_date
        lines = _act_lines(claim, draft.lines, acts)
        _save_and_judge(claim, lines, draft.fse_number, signed, by=by, at=at)
    return claim


def dispense_medicine(
    *, draft: DispensingDraft, signed: SignedDocument, by: Any, at: datetime
) -> Claim:
    """Record a dispensing and its claim together. The same document again gives the same claim.

    Raises the refusals of `check_signed` and of `prescriptions.services.record_dispensing`.
    """
    existing = _received_from(by, signed)
    if existing is not None:
        return existing
    device = check_signed(
        signed=signed,
        kid=draft.device,
        inpe=draft.inpe,
        fse_number=draft.fse_number,
        minted=False,
        by=by,
        at=at,
    )
    patient, medicines = _known_for_dispensing(draft)
    with transaction.atomic():
        locks.hold(patient.insured_id)
        existing = _already_received(signed)
        if existing is not None:
            return existing
        dispensing = record_dispensing(draft=draft, signed=signed, device=device, by=by, at=at)
        claim = _new_claim(
            kind=Claim.Kind.DISPENSING, draft=draft, patient=patient, device=device, by=by, at=at
        )
        claim.dispensing = dispensing
        lines = _medicine_lines(claim, draft, medicines, _illnesses(dispensing))
        _save_and_judge(claim, lines, draft.fse_number, signed, by=by, at=at)
    return claim


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the engine would decide of lines that nobody has signed yet: nothing is saved."""

    decision: Decision
    lines: list[ClaimLine]


def estimate(*, draft: CareClaimDraft | DispensingDraft, by: Any, at: datetime) -> Estimate:
    """Judge a draft as if it arrived now. Raises EntriesRefused, ProviderUnknown."""
    provider = provider_by_inpe(draft.inpe)
    claim = Claim(provider=provider, received_date=localdate(at))
    if isinstance(draft, CareClaimDraft):
        patient, acts = _known_for_care(draft, at)
        claim.treatment_end_date = draft.treatment_end_date
        lines = _act_lines(claim, draft.lines, acts)
    else:
        patient, medicines = _known_for_dispensing(draft)
        lines = _medicine_lines(claim, draft, medicines, _prescribed_illnesses(draft))
    claim.patient, claim.insured = patient, patient.insured
    case = selectors.case_of_draft(claim, lines)
    facts = selectors.gather([case]).facts(case)
    return Estimate(adjudicate(facts, selectors.law()), lines)


@dataclass(frozen=True, slots=True)
class RightsAnswer:
    """The rights of one person on a day; `reason` says why they are not covered, when they are not."""

    person: Person
    entitlement: Entitlement | None
    illnesses: list[LongTermIllness]
    reason: Reason | None

    @property
    def covered(self) -> bool:
        return self.reason is None


def check_rights(
    *,
    cin: str | None = None,
    registration_number: str | None = None,
    fse_number: str | None = None,
    day: date,
    provider: Provider,
    by: Any,
    at: datetime,
) -> list[RightsAnswer]:
    """Return the household and each one's rights on `day`; every reading is audited.

    By the FSE number of a prescription: its patient alone, for the pharmacy that was handed it.
    """
    if fse_number:
        prescription = prescription_by_number(fse_number)
        persons = [prescription.patient] if prescription else []
    else:
        persons = find_persons(cin=cin, registration_number=registration_number)
    answers = [_rights_of(person, day) for person in persons]
    found = persons[0] if persons else None
    audit.record(
        by=by,
        at=at,
        # Who guesses at numbers leaves a trace too.
        action="insured.rights.read" if found else "insured.rights.sought_in_vain",
        subject=found.insured if found else provider,
        insured_id=found.insured_id if found else None,
        after={"provider": provider.inpe, "day": day.isoformat()},
    )
    return answers


def _rights_of(person: Person, day: date) -> RightsAnswer:
    """Ask the one engine, with a line that nothing but rights and age can refuse."""
    entitlement = entitlement_on(person.insured, day)
    always = Period(date.min, None)
    facts = known.ClaimFacts(
        received_date=day,
        patient=known.PatientFacts(
            birth_date=person.birth_date,
            relation=known.Relation(person.relation.lower()),
            student=person.student,
            married=person.married,
            disabled=person.disabled,
        ),
        scheme=known.Scheme(entitlement.scheme if entitlement else known.Scheme.SALARIED),
        rights=(always,) if entitlement else (),
        providers=(known.ProviderFacts("-", known.Sector.PRIVATE, (always,)),),
        lines=(
            known.LineFacts("1", known.LineKind.ACT, 1, 100, day, "-", act="-", flat_tariff=100),
        ),
    )
    (line,) = adjudicate(facts, selectors.law()).lines
    reason = line.reasons[0] if line.denied else None
    return RightsAnswer(person, entitlement, illnesses_on(person, day), reason)


def _number_is_known(draft: CareClaimDraft) -> bool:
    """Tell whether a sheet or a prescription already bears the number. Raises SheetOfAnother."""
    sheet = CareSheet.objects.filter(fse_number=draft.fse_number).first()
    prescription = prescription_by_number(draft.fse_number)
    for known_paper in (sheet, prescription):
        if known_paper is not None and known_paper.patient_id != draft.patient:
            raise SheetOfAnother(pointer="/document/fse_number", number=draft.fse_number)
    return sheet is not None or prescription is not None


def _received_from(by: Any, signed: SignedDocument) -> Claim | None:
    """The claim of a document its own author sends again, even with a device revoked since.

    Anybody else, or another signature, goes through every check of a first arrival.
    """
    known = Claim.objects.select_related("device").filter(author=by)
    found = known.filter(signed__document_hash=document_hash(signed.document)).first()
    if found is None:
        return None
    is_theirs = is_signed(signed.document, signed.signature, found.device.public_jwk)
    return found if is_theirs else None


def _already_received(signed: SignedDocument) -> Claim | None:
    return Claim.objects.filter(signed__document_hash=document_hash(signed.document)).first()


def _known_for_care(draft: CareClaimDraft, at: datetime) -> tuple[Person, dict[int, Act]]:
    """Return the patient and the act of each line, by position, or refuse every unknown at once."""
    errors: list[DomainError] = []
    patient = person_by_id(draft.patient)
    if patient is None:
        errors.append(PatientUnknown(pointer="/document/patient"))
    acts: dict[int, Act] = {}
    for index, line in enumerate(draft.lines):
        pointer = f"/document/lines/{index}"
        if line.care_date > localdate(at):
            day = line.care_date.isoformat()
            errors.append(FutureDay(pointer=f"{pointer}/care_date", day=day))
            continue
        act = selectors.acts_on(line.care_date).filter(code=line.act).first()
        if act is None:
            day = line.care_date.isoformat()
            errors.append(ActUnknown(pointer=f"{pointer}/act", act=line.act, day=day))
        elif not act.is_billable:
            errors.append(ActUnmapped(pointer=f"{pointer}/act", act=line.act))
        else:
            acts[line.position] = act
    refuse_all(errors)
    assert patient is not None  # noqa: S101 (refuse_all raised otherwise)
    return patient, acts


def _known_for_dispensing(draft: DispensingDraft) -> tuple[Person, dict[str, Medicine]]:
    errors: list[DomainError] = []
    patient = person_by_id(draft.patient)
    if patient is None:
        errors.append(PatientUnknown(pointer="/document/patient"))
    medicines = medicines_by_ean([line.ean for line in draft.lines], errors)
    prices = prices_of(medicine.pk for medicine in medicines.values())
    for index, line in enumerate(draft.lines):
        medicine = medicines.get(line.ean)
        if medicine and not selectors.price_on(prices.get(medicine.pk, []), draft.dispensed_on):
            errors.append(
                MedicineWithoutPrice(
                    pointer=f"/document/lines/{index}/ean",
                    label=medicine.label,
                    day=draft.dispensed_on.isoformat(),
                )
            )
    refuse_all(errors)
    assert patient is not None  # noqa: S101 (refuse_all raised otherwise)
    return patient, medicines


def _new_claim(
    *,
    kind: str,
    draft: CareClaimDraft | DispensingDraft,
    patient: Person,
    device: Device,
    by: Any,
    at: datetime,
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


def _act_lines(claim: Claim, lines: Sequence[ActLine], acts: dict[int, Act]) -> list[ClaimLine]:
    return [
        ClaimLine(
            claim=claim,
            provider=claim.provider,
            position=line.position,
            kind=ClaimLine.Kind.ACT,
            act=acts[line.position],
            quantity=line.quantity,
            charged_centimes=line.charged_centimes,
            care_date=line.care_date,
            illness_code=line.illness or "",
        )
        for line in lines
    ]


def _medicine_lines(
    claim: Claim,
    draft: DispensingDraft,
    medicines: dict[str, Medicine],
    illnesses: dict[int, str],
) -> list[ClaimLine]:
    return [
        ClaimLine(
            claim=claim,
            provider=claim.provider,
            position=line.position,
            kind=ClaimLine.Kind.MEDICINE,
            medicine=medicines[line.ean],
            quantity=line.boxes,
            charged_centimes=line.charged_centimes,
            care_date=draft.dispensed_on,
            illness_code=illnesses.get(line.position, ""),
        )
        for line in draft.lines
    ]


def _illnesses(dispensing: Dispensing) -> dict[int, str]:
    items = dispensing.prescription.items.all()
    return {item.position: item.illness_code for item in items}


def _prescribed_illnesses(draft: DispensingDraft) -> dict[int, str]:
    prescription = prescription_by_number(draft.fse_number)
    items = prescription.items.all() if prescription else []
    return {item.position: item.illness_code for item in items}


def _save_and_judge(
    claim: Claim,
    lines: list[ClaimLine],
    fse_number: str,
    signed: SignedDocument,
    *,
    by: Any,
    at: datetime,
) -> None:
    claim.sheet = _sheet(claim, fse_number, at)
    claim.charged_centimes = sum(line.charged_centimes for line in lines)
    claim.save(force_insert=True)
    digest = document_hash(signed.document)
    ClaimDocument.objects.create(
        claim=claim, document=signed.document, document_hash=digest, signature=signed.signature
    )
    for line in lines:
        line.insured_id, line.patient_id = claim.insured_id, claim.patient_id
    ClaimLine.objects.bulk_create(lines)
    transitions.born(claim, by=by, at=at)
    audit.record(
        by=by,
        at=at,
        action="claims.claim.submitted",
        subject=claim,
        insured_id=claim.insured_id,
        after={"hash": digest, "fse_number": fse_number},
    )
    adjudicate_claims([claim], by="system:adjudication", at=at)


def _sheet(claim: Claim, fse_number: str, at: datetime) -> CareSheet:
    """Return the sheet of a number, opened now if this claim is its first. Raises SheetOfAnother."""
    sheet, _opened = CareSheet.objects.get_or_create(
        fse_number=fse_number,
        defaults={
            "insured_id": claim.insured_id,
            "patient_id": claim.patient_id,
            "opened_at": at,
        },
    )
    if sheet.patient_id != claim.patient_id:
        raise SheetOfAnother(pointer="/document/fse_number", number=fse_number)
    return sheet
