"""Writing, reading and cancelling a prescription."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from accounts.models import Role
from core import audit, locks
from core.errors import DomainError, refuse_all
from core.signatures import SignedDocument, document_hash
from insured.models import Person
from insured.selectors import person_by_id
from prescriptions import selectors
from prescriptions.intake import PrescriptionDraft
from prescriptions.models import Medicine, Prescription, Provenance
from prescriptions.services._codes import check_code, keep_code
from prescriptions.services._lawful import PRESCRIBING_KINDS, enter_narcotics, unlawful
from prescriptions.services._materialising import meet_document
from prescriptions.services._preparing import mark_signed
from prescriptions.services._refusals import (
    FseNumberTaken,
    FutureDay,
    NotAPrescriber,
    PatientUnknown,
    PrescriptionNotFound,
)
from prescriptions.services._state_refusals import SecretMissing
from prescriptions.services._stating import keep_overrides, unstated
from prescriptions.services._writing_rows import (
    Writing,
    medicines_named,
    windows_of,
    write_instance,
)
from providers.intake import Offline
from providers.models import Provider
from providers.selectors import membership_on
from providers.services import check_signed


def write_prescription(
    *,
    draft: PrescriptionDraft,
    signed: SignedDocument,
    code: str | None = None,
    preparation: UUID | None = None,
    by: Any,
    at: datetime,
    offline: Offline | None = None,
) -> Prescription:
    """Save a signed prescription with its code. The same document again gives the same prescription.

    `preparation` is what a delegate prepared and this document signs. `offline`: it was signed with no
    network, and a pharmacy's copy of its code may have come before it. Raises the refusals of
    `check_signed` and `check_code`, NotAPrescriber, EntriesRefused, FseNumberTaken, PreparationGone,
    DocumentDiffersFromCode.
    """
    device = check_signed(
        signed=signed,
        kid=draft.device,
        inpe=draft.inpe,
        fse_number=draft.fse_number,
        minted=True,
        by=by,
        at=at,
        offline=offline,
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
            if existing.provenance == Provenance.CODE:
                return meet_document(existing, signed, patient, by=by, at=at)
            if existing.document_hash != digest:
                raise FseNumberTaken(pointer="/document/fse_number")
            keep_code(code, prescription=existing, at=at)
            return existing
        if selectors.patient_id_of_sheet(draft.fse_number) not in (None, patient.pk):
            raise FseNumberTaken(pointer="/document/fse_number")
        writing = Writing(
            draft=draft,
            document=signed.document,
            digest=digest,
            signature=signed.signature,
            patient=patient,
            device=device,
            author=by,
            provenance=Provenance.OFFLINE if offline else Provenance.ONLINE,
            received_at=offline.received_at if offline else at,
            by=by,
            at=at,
        )
        written = [write_instance(writing, window, medicines) for window in windows_of(draft)]
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


def _known(draft: PrescriptionDraft, at: datetime) -> tuple[Person, dict[str, Medicine]]:
    """Return the patient and the medicines of a draft, or refuse every unknown at once."""
    errors: list[DomainError] = []
    patient = person_by_id(draft.patient)
    if patient is None:
        errors.append(PatientUnknown(pointer="/document/patient"))
    if draft.written_on > localdate(at):
        errors.append(FutureDay(pointer="/document/written_on", day=draft.written_on.isoformat()))
    medicines = medicines_named(draft.lines, errors)
    refuse_all(errors)
    assert patient is not None  # noqa: S101 (refuse_all raised otherwise)
    return patient, medicines


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
