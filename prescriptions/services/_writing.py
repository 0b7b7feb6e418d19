"""Writing, reading and cancelling a prescription."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from accounts.models import Role
from core import audit, locks, transitions
from core.errors import DomainError, refuse_all
from core.signatures import SignedDocument, document_hash
from insured.models import Person
from insured.selectors import person_by_id
from prescriptions import selectors
from prescriptions.intake import PrescribedLine, PrescriptionDraft, Substance
from prescriptions.models import (
    LineKind,
    Medicine,
    PrescribedItem,
    Prescription,
)
from prescriptions.rules.windows import Window, windows
from prescriptions.services._codes import check_code, keep_code
from prescriptions.services._lawful import enter_narcotics, unlawful
from prescriptions.services._preparing import mark_signed
from prescriptions.services._refusals import (
    FseNumberTaken,
    FutureDay,
    MedicineUnknown,
    NotAPrescriber,
    PatientUnknown,
    PrescriptionNotFound,
)
from prescriptions.services._state_refusals import SecretMissing
from prescriptions.services._stating import keep_overrides, unstated
from prescriptions.states import PrescriptionState
from providers.models import Device, Provider, ProviderKind
from providers.selectors import membership_on
from providers.services import check_signed

PRESCRIBING_KINDS = (ProviderKind.DOCTOR, ProviderKind.DENTIST, ProviderKind.ESTABLISHMENT)


def write_prescription(
    *,
    draft: PrescriptionDraft,
    signed: SignedDocument,
    code: str | None = None,
    preparation: UUID | None = None,
    by: Any,
    at: datetime,
) -> Prescription:
    """Save a signed prescription with its code. The same document again gives the same prescription.

    `preparation` is what a delegate prepared and this document signs. Raises the refusals of
    `check_signed` and `check_code`, NotAPrescriber, EntriesRefused, FseNumberTaken, PreparationGone.
    """
    device = check_signed(
        signed=signed,
        kid=draft.device,
        inpe=draft.inpe,
        fse_number=draft.fse_number,
        minted=True,
        by=by,
        at=at,
    )
    if device.provider.kind not in PRESCRIBING_KINDS:
        raise NotAPrescriber(pointer="/document/provider")
    patient, medicines = _known(draft, at)
    check_code(code, document=signed.document, patient=patient, device=device)
    errors = unlawful(draft, prescriber=device.provider, patient=patient, medicines=medicines)
    refuse_all(errors + unstated(draft, patient=patient, medicines=medicines))
    digest = document_hash(signed.document)
    with transaction.atomic():
        locks.hold(patient.insured_id)
        existing = selectors.prescription_by_number(draft.fse_number)
        if existing is not None:
            if existing.document_hash != digest:
                raise FseNumberTaken(pointer="/document/fse_number")
            keep_code(code, prescription=existing, at=at)
            return existing
        if selectors.patient_id_of_sheet(draft.fse_number) not in (None, patient.pk):
            raise FseNumberTaken(pointer="/document/fse_number")
        writing = _Writing(draft, signed, digest, patient, device, by, at)
        written = [_write(writing, window, medicines) for window in _windows(draft)]
        prescription = written[0]
        keep_code(code, prescription=prescription, at=at)
        enter_narcotics(prescription, list(prescription.items.all()), at=at)
        keep_overrides(draft, patient=patient, provider=device.provider, by=by, at=at)
        if preparation is not None:
            mark_signed(preparation, prescription)
        audit.record(
            by=by,
            at=at,
            action="prescriptions.prescription.written",
            subject=prescription,
            insured_id=patient.insured_id,
            after={"hash": digest},
        )
    return prescription


@dataclass(frozen=True, slots=True)
class _Writing:
    """What every instance of a prescription has in common."""

    draft: PrescriptionDraft
    signed: SignedDocument
    digest: str
    patient: Person
    device: Device
    by: Any
    at: datetime


def _windows(draft: PrescriptionDraft) -> list[Window]:
    validity = selectors.delay("prescription_validity_days", draft.written_on)
    repeats = (draft.repeats.count, draft.repeats.every_days) if draft.repeats else None
    return windows(draft.written_on, draft.starts_on, repeats, validity_days=validity)


def _write(writing: _Writing, window: Window, medicines: dict[str, Medicine]) -> Prescription:
    """Write one instance with its lines: it waits for its first day, or may be dispensed now."""
    draft, at = writing.draft, writing.at
    waits = window.starts_on > localdate(at)
    prescription = Prescription.objects.create(
        fse_number=draft.fse_number,
        instance=window.instance,
        instances=draft.repeats.count if draft.repeats else 1,
        state=PrescriptionState.SCHEDULED if waits else PrescriptionState.ACTIVE,
        insured_id=writing.patient.insured_id,
        patient=writing.patient,
        prescriber=writing.device.provider,
        author=writing.by,
        device=writing.device,
        written_on=draft.written_on,
        starts_on=window.starts_on if draft.starts_on or draft.repeats else None,
        valid_until=window.valid_until,
        document=writing.signed.document,
        document_hash=writing.digest,
        signature=writing.signed.signature,
        received_at=at,
    )
    lines = PrescribedItem.objects.bulk_create(
        _item(prescription, line, medicines.get(line.ean)) for line in draft.lines
    )
    transitions.born(prescription, by=writing.by, at=at)
    transitions.born_all(lines, by=writing.by, at=at)
    return prescription


def _known(draft: PrescriptionDraft, at: datetime) -> tuple[Person, dict[str, Medicine]]:
    """Return the patient and the medicines of a draft, or refuse every unknown at once."""
    errors: list[DomainError] = []
    patient = person_by_id(draft.patient)
    if patient is None:
        errors.append(PatientUnknown(pointer="/document/patient"))
    if draft.written_on > localdate(at):
        errors.append(FutureDay(pointer="/document/written_on", day=draft.written_on.isoformat()))
    medicines = _medicines(draft.lines, errors)
    refuse_all(errors)
    assert patient is not None  # noqa: S101 (refuse_all raised otherwise)
    return patient, medicines


def _medicines(lines: Sequence[PrescribedLine], errors: list[DomainError]) -> dict[str, Medicine]:
    """Return the medicines of the lines that name one; each unknown code adds an error."""
    found = {each.ean: each for each in Medicine.objects.filter(ean__in={x.ean for x in lines})}
    for index, line in enumerate(lines):
        if line.kind == LineKind.MEDICINE and line.ean not in found:
            errors.append(MedicineUnknown(pointer=f"/document/lines/{index}/ean", ean=line.ean))
    return found


def _item(
    prescription: Prescription, line: PrescribedLine, medicine: Medicine | None
) -> PrescribedItem:
    named = line.inn or Substance(name="", strength="", unit="", form="")
    return PrescribedItem(
        prescription=prescription,
        insured_id=prescription.insured_id,
        position=line.position,
        kind=line.kind,
        medicine=medicine,
        inn=named.name,
        strength=named.strength,
        strength_unit=named.unit,
        form=named.form,
        order_kind=line.order.kind if line.order else "",
        wording=line.wording,
        dose_morning=line.morning,
        dose_noon=line.noon,
        dose_evening=line.evening,
        dose_bedtime=line.bedtime,
        duration_days=line.days,
        boxes=line.boxes,
        substitution_allowed=line.substitution,
        illness_code=line.illness or "",
        over_maximum=line.over_maximum,
    )


def read_prescription(
    *, fse_number: str, provider: Provider, by: Any, at: datetime
) -> Prescription:
    """Return a prescription to the pharmacy that opened it, or to the practice that wrote it.

    The reading is audited. Raises PrescriptionNotFound, another practice's included: a number is not
    enough to learn what a colleague prescribed; SecretMissing, for what a pharmacy did not open: the
    document holds the secret that opens it.
    """
    prescription = selectors.prescription_by_number(fse_number)
    if prescription is None or not _may_read(by, prescription, at):
        raise PrescriptionNotFound
    if not _writes_for(by, prescription, at) and not selectors.is_open_to(provider, prescription):
        raise SecretMissing
    audit.record(
        by=by,
        at=at,
        action="prescriptions.prescription.read",
        subject=prescription,
        insured_id=prescription.insured_id,
        after={"provider": provider.inpe},
    )
    return prescription


def _may_read(by: Any, prescription: Prescription, at: datetime) -> bool:
    return by.role == Role.PHARMACIST or _writes_for(by, prescription, at)


def _writes_for(by: Any, prescription: Prescription, at: datetime) -> bool:
    return membership_on(by, prescription.prescriber, localdate(at)) is not None
