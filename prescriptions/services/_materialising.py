"""A prescription known only from the code a pharmacy copied: it stands, until its document arrives."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from core import audit, locks
from core.errors import DomainError, refuse_all
from core.signatures import SignedDocument, document_hash
from insured.models import Person
from insured.selectors import person_by_id
from prescriptions import selectors
from prescriptions.intake import (
    Order,
    PrescribedLine,
    PrescriptionDraft,
    Repeats,
    Substance,
)
from prescriptions.models import Prescription, Provenance
from prescriptions.rules import code as codes
from prescriptions.rules.code import PrintedPatient, SignedCode
from prescriptions.services._codes import CODE, CodeDiffers, keep_code, read_code
from prescriptions.services._lawful import PRESCRIBING_KINDS, enter_narcotics, unlawful
from prescriptions.services._refusals import PatientUnknown
from prescriptions.services._writing_rows import Writing, medicines_of, windows_of, write_instance
from providers.intake import Offline
from providers.models import Device, Membership
from providers.selectors import devices_by_key_name, membership_on

SYNC = "system:sync"
NO_DOSE = dict.fromkeys(("morning", "noon", "evening", "bedtime"), "0")


class CodeSignerInvalid(DomainError):
    """Nobody enrolled signed the code, or its key was not valid when the counter checked it."""

    code = "CODE_SIGNER_INVALID"
    status = 422
    message = _(
        "Le code copié de l’ordonnance n’est pas signé par un poste qui pouvait signer à ce moment. La "
        "délivrance est gardée ; un agent l’examine."
    )


class DocumentDiffersFromCode(DomainError):
    """The signed document that arrives is not what the code of its paper said."""

    code = "DOCUMENT_DIFFERS_FROM_CODE"
    message = _(
        "Une pharmacie a déjà délivré sur le code de cette ordonnance, qui ne dit pas la même chose que "
        "ce document. Les deux sont gardés ; un agent les compare."
    )


def materialise_prescription(
    *, fse_number: str, offline: Offline, at: datetime
) -> Prescription | None:
    """Return the prescription of the code a counter checked, made from it if it has not come yet.

    None where the counter copied no code. A code proves nothing of another number than its own, nor
    before its signature is that of an enrolled device. Raises the refusals of `read_code`, CodeDiffers
    (the prescription received says something else), CodeSignerInvalid, PatientUnknown, and
    EntriesRefused: the medicines it names, what the law asks of a prescription.
    """
    if offline.code is None:
        return None
    code = read_code(offline.code)
    if code.content["fse_number"] != fse_number:
        raise CodeSignerInvalid(pointer=CODE)
    signer = _signer(code)
    known = selectors.prescription_by_number(code.content["fse_number"])
    if known is not None:
        if signer.provider_id != known.prescriber_id:
            raise CodeSignerInvalid(pointer=CODE)
        if not _says(known, code):
            raise CodeDiffers(pointer=CODE)
        return known
    if not _could_sign(signer, code, offline):
        raise CodeSignerInvalid(pointer=CODE)
    patient = person_by_id(UUID(code.content["patient"]))
    if patient is None:
        raise PatientUnknown(pointer=CODE)
    return _materialise(code, patient, signer, offline=offline, at=at)


def _says(prescription: Prescription, code: SignedCode) -> bool:
    """Whether a code says what a prescription does: by its own code, or by its document."""
    kept = selectors.code_of(prescription.fse_number)
    if kept is not None:
        return codes.read(kept).payload == code.payload
    return codes.payload(prescription.document, code.patient) == code.payload


def _signer(code: SignedCode) -> Device:
    """The device that signed a code. Raises CodeSignerInvalid."""
    named = devices_by_key_name(code.kid)
    signer = next((each for each in named if codes.is_signed_by(code, each.public_jwk)), None)
    if signer is None:
        raise CodeSignerInvalid(pointer=CODE)
    return signer


def _could_sign(signer: Device, code: SignedCode, offline: Offline) -> bool:
    """Whether a device could sign a prescription when the counter checked it: a prescriber's, whose user
    signed for the practice on the day it was written, and whose key was valid."""
    number, written_on = code.content["fse_number"], date.fromisoformat(code.content["written_on"])
    member = membership_on(signer.user, signer.provider, written_on)
    return (
        (offline.vouched or (signer.is_valid_at(offline.signed_at) and not signer.stolen))
        and signer.provider.kind in PRESCRIBING_KINDS
        and member is not None
        and member.standing == Membership.Standing.SIGNATORY
        and written_on >= localdate(signer.enrolled_at)
        and code.content["provider"] == signer.provider.inpe
        and number.startswith(signer.prefix)
    )


def _materialise(
    code: SignedCode, patient: Person, signer: Device, *, offline: Offline, at: datetime
) -> Prescription:
    draft = _draft(code, signer)
    medicines = medicines_of(draft)
    if not offline.vouched:
        refuse_all(
            unlawful(draft, prescriber=signer.provider, patient=patient, medicines=medicines)
        )
    locks.hold(patient.insured_id)
    writing = Writing(
        draft=draft,
        document=code.content,
        digest="",
        signature="",
        patient=patient,
        device=signer,
        author=signer.user,
        provenance=Provenance.CODE,
        received_at=offline.received_at,
        by=SYNC,
        at=at,
    )
    written = [write_instance(writing, window, medicines) for window in windows_of(draft)]
    first = written[0]
    keep_code(offline.code, prescription=first, at=at)
    enter_narcotics(first, list(first.items.all()), at=at)
    audit.record(
        by=SYNC,
        at=at,
        action="prescriptions.prescription.materialised",
        subject=first,
        insured_id=patient.insured_id,
    )
    return first


def meet_document(
    existing: Prescription, signed: SignedDocument, patient: Person, *, by: Any, at: datetime
) -> Prescription:
    """Give a code's copy the signed document it waited for. Raises DocumentDiffersFromCode."""
    kept = selectors.code_of(existing.fse_number)
    printed = PrintedPatient(patient.full_name, patient.birth_date)
    said = codes.payload(signed.document, printed)
    if kept is None or codes.read(kept).payload != said:
        raise DocumentDiffersFromCode(pointer="/document")
    Prescription.objects.filter(fse_number=existing.fse_number).update(
        document=signed.document,
        document_hash=document_hash(signed.document),
        signature=signed.signature,
        provenance=Provenance.OFFLINE,
    )
    audit.record(
        by=by,
        at=at,
        action="prescriptions.prescription.matched",
        subject=existing,
        insured_id=patient.insured_id,
        after={"hash": document_hash(signed.document)},
    )
    found = selectors.prescription_by_number(existing.fse_number)
    assert found is not None  # noqa: S101 (it exists: it was just matched)
    return found


def _draft(code: SignedCode, signer: Device) -> PrescriptionDraft:
    said = code.content
    starts_on, repeats = said["starts_on"], said["repeats"]
    return PrescriptionDraft(
        fse_number=said["fse_number"],
        device=signer.kid,
        inpe=said["provider"],
        patient=UUID(said["patient"]),
        written_on=date.fromisoformat(said["written_on"]),
        starts_on=date.fromisoformat(starts_on) if starts_on else None,
        repeats=Repeats(**repeats) if repeats else None,
        secret=said["secret"] or "",
        lines=tuple(_line(line) for line in said["lines"]),
    )


def _line(said: dict[str, Any]) -> PrescribedLine:
    order = said["order"]
    return PrescribedLine(
        position=said["position"],
        kind=said["kind"],
        ean=said["ean"] or "",
        inn=Substance(**said["inn"]) if said["inn"] else None,
        order=Order(kind=order["kind"], act=order["act"] or "") if order else None,
        wording=said["wording"] or "",
        days=said["days"] or 1,
        boxes=said["boxes"],
        substitution=said["substitution"],
        illness=said["illness"],
        over_maximum=said["over_maximum"],
        **(said["dose"] or NO_DOSE),
    )
