"""Writing, holding, dispensing and cancelling prescriptions. One transaction each."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext_lazy as _

from core import audit, locks, transitions
from core.errors import DomainError, refuse_all
from core.signatures import SignedDocument, document_hash
from insured.models import Person
from insured.selectors import person_by_id
from prescriptions import selectors
from prescriptions.intake import DispensingDraft, PrescribedLine, PrescriptionDraft
from prescriptions.models import (
    DispensedItem,
    Dispensing,
    Medicine,
    PrescribedItem,
    Prescription,
)
from prescriptions.rules.matching import Match, Product, match
from prescriptions.states import PrescriptionState
from providers.models import Device, Provider, ProviderKind
from providers.selectors import membership_on
from providers.services import check_signed

PRESCRIBING_KINDS = (ProviderKind.DOCTOR, ProviderKind.DENTIST, ProviderKind.ESTABLISHMENT)


class PatientUnknown(DomainError):
    code = "PATIENT_UNKNOWN"
    status = 422
    message = _("Ce bénéficiaire est inconnu. Vérifiez les droits de l’assuré, puis recommencez.")


class FutureDay(DomainError):
    code = "DAY_IN_THE_FUTURE"
    status = 422
    message = _("Le %(day)s est dans le futur. Corrigez la date ; rien n’a été enregistré.")


class MedicineUnknown(DomainError):
    code = "MEDICINE_UNKNOWN"
    status = 422
    message = _("Le code %(ean)s n’est pas dans la liste des médicaments.")


class NotAPrescriber(DomainError):
    code = "NOT_A_PRESCRIBER"
    status = 403
    message = _("Ce professionnel ne peut pas prescrire.")


class NotAPharmacy(DomainError):
    code = "NOT_A_PHARMACY"
    status = 403
    message = _("Seule une pharmacie délivre une ordonnance.")


class PrescriptionNotFound(DomainError):
    code = "PRESCRIPTION_NOT_FOUND"
    status = 404
    message = _("Aucune ordonnance ne porte ce numéro. Vérifiez les douze caractères.")


class FseNumberTaken(DomainError):
    code = "FSE_NUMBER_TAKEN"
    message = _(
        "Une autre ordonnance porte déjà ce numéro FSE. Gardez le document et changez de numéro."
    )


class HeldByAnother(DomainError):
    code = "PRESCRIPTION_HELD"
    message = _(
        "Cette ordonnance est ouverte à « %(holder)s » jusqu’à %(until)s. Rien n’a été modifié."
    )


class AlreadyDispensed(DomainError):
    code = "PRESCRIPTION_ALREADY_DISPENSED"
    message = _("Tout a déjà été délivré par « %(pharmacy)s » le %(day)s. Rien n’a été modifié.")


class PrescriptionCancelled(DomainError):
    code = "PRESCRIPTION_CANCELLED"
    message = _("Cette ordonnance a été annulée par son auteur. Rien n’a été modifié.")


class PrescriptionExpired(DomainError):
    code = "PRESCRIPTION_EXPIRED"
    message = _("Cette ordonnance devait être délivrée avant le %(day)s. Rien n’a été enregistré.")


class DispensedBeforeWritten(DomainError):
    code = "DISPENSED_BEFORE_WRITTEN"
    status = 422
    message = _("La délivrance est datée d’avant l’ordonnance, écrite le %(day)s.")


class LineNotPrescribed(DomainError):
    code = "NOT_PRESCRIBED"
    status = 422
    message = _("« %(label)s » n’est pas prescrit sur cette ligne. Rien n’a été ajouté.")


class SubstitutionNotAllowed(DomainError):
    code = "SUBSTITUTION_NOT_ALLOWED"
    status = 422
    message = _("Le prescripteur n’a pas permis de remplacer cette ligne par « %(label)s ».")


class TooManyBoxes(DomainError):
    code = "TOO_MANY_BOXES"
    message = _("Il reste %(left)s boîte(s) à délivrer sur cette ligne, pas %(asked)s.")


class WrongPatient(DomainError):
    code = "WRONG_PATIENT"
    status = 422
    message = _("Ce document nomme un autre bénéficiaire que l’ordonnance.")


class NotTheAuthor(DomainError):
    code = "NOT_THE_AUTHOR"
    status = 403
    message = _("Seul le cabinet qui a écrit cette ordonnance peut l’annuler.")


def write_prescription(
    *, draft: PrescriptionDraft, signed: SignedDocument, by: Any, at: datetime
) -> Prescription:
    """Save a signed prescription. The same document again gives the same prescription.

    Raises the refusals of `check_signed`, NotAPrescriber, EntriesRefused, FseNumberTaken.
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
    digest = document_hash(signed.document)
    with transaction.atomic():
        locks.hold(patient.insured_id)
        existing = selectors.prescription_by_number(draft.fse_number)
        if existing is not None:
            if existing.document_hash != digest:
                raise FseNumberTaken(pointer="/document/fse_number")
            return existing
        validity = selectors.delay("prescription_validity_days", draft.written_on)
        prescription = Prescription.objects.create(
            fse_number=draft.fse_number,
            state=PrescriptionState.ACTIVE,
            insured_id=patient.insured_id,
            patient=patient,
            prescriber=device.provider,
            author=by,
            device=device,
            written_on=draft.written_on,
            valid_until=draft.written_on + timedelta(days=validity),
            document=signed.document,
            document_hash=digest,
            signature=signed.signature,
            received_at=at,
        )
        PrescribedItem.objects.bulk_create(
            _item(prescription, line, medicines[line.ean]) for line in draft.lines
        )
        transitions.born(prescription, by=by, at=at)
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
    medicines = medicines_by_ean([line.ean for line in draft.lines], errors)
    refuse_all(errors)
    assert patient is not None  # noqa: S101 (refuse_all raised otherwise)
    return patient, medicines


def medicines_by_ean(eans: Sequence[str], errors: list[DomainError]) -> dict[str, Medicine]:
    """Return the medicines of these codes; each unknown code adds an error with its pointer."""
    found = {medicine.ean: medicine for medicine in Medicine.objects.filter(ean__in=set(eans))}
    for index, ean in enumerate(eans):
        if ean not in found:
            errors.append(MedicineUnknown(pointer=f"/document/lines/{index}/ean", ean=ean))
    return found


def _item(prescription: Prescription, line: PrescribedLine, medicine: Medicine) -> PrescribedItem:
    return PrescribedItem(
        prescription=prescription,
        insured_id=prescription.insured_id,
        position=line.position,
        medicine=medicine,
        dose_morning=line.morning,
        dose_noon=line.noon,
        dose_evening=line.evening,
        duration_days=line.days,
        boxes=line.boxes,
        substitution_allowed=line.substitution,
        illness_code=line.illness or "",
    )


def read_prescription(
    *, fse_number: str, provider: Provider, by: Any, at: datetime
) -> Prescription:
    """Return a prescription to a professional who knows its number; the reading is audited.

    Raises PrescriptionNotFound.
    """
    prescription = selectors.prescription_by_number(fse_number)
    if prescription is None:
        raise PrescriptionNotFound
    audit.record(
        by=by,
        at=at,
        action="prescriptions.prescription.read",
        subject=prescription,
        insured_id=prescription.insured_id,
        after={"provider": provider.inpe},
    )
    return prescription


def take_custody(*, fse_number: str, pharmacy: Provider, by: Any, at: datetime) -> Prescription:
    """Open a prescription at a counter: a lease with an end, renewed by calling again.

    Raises NotAPharmacy, PrescriptionNotFound, HeldByAnother, AlreadyDispensed, PrescriptionCancelled.
    """
    if pharmacy.kind != ProviderKind.PHARMACY:
        raise NotAPharmacy
    with transaction.atomic():
        prescription = _locked(fse_number)
        _check_free(prescription, pharmacy, at)
        _check_open(prescription)
        minutes = selectors.delay("custody_minutes", localdate(at))
        _set_custody(prescription, pharmacy, at + timedelta(minutes=minutes))
        audit.record(
            by=by,
            at=at,
            action="prescriptions.custody.taken",
            subject=prescription,
            insured_id=prescription.insured_id,
            after={"provider": pharmacy.inpe},
        )
    found = selectors.prescription_by_number(fse_number)
    assert found is not None  # noqa: S101 (it was locked above)
    return found


def release_custody(*, fse_number: str, pharmacy: Provider, by: Any, at: datetime) -> None:
    """Give a prescription back; releasing what one does not hold changes nothing."""
    with transaction.atomic():
        prescription = _locked(fse_number)
        if prescription.custodian_id == pharmacy.pk:
            _set_custody(prescription, None, None)
            audit.record(
                by=by,
                at=at,
                action="prescriptions.custody.released",
                subject=prescription,
                insured_id=prescription.insured_id,
            )


def cancel_prescription(*, fse_number: str, reason: str, by: Any, at: datetime) -> Prescription:
    """Cancel a prescription of which nothing was handed over, by the practice that wrote it.

    Cancelling again gives the success again. Raises PrescriptionNotFound, NotTheAuthor, HeldByAnother,
    TransitionRefused.
    """
    with transaction.atomic():
        prescription = _locked(fse_number)
        if not _writes_for(by, prescription, at):
            raise NotTheAuthor
        if prescription.state == PrescriptionState.CANCELLED:
            return prescription
        _check_free(prescription, None, at)
        transitions.move(prescription, PrescriptionState.CANCELLED, by=by, at=at, reason=reason)
        audit.record(
            by=by,
            at=at,
            action="prescriptions.prescription.cancelled",
            subject=prescription,
            insured_id=prescription.insured_id,
            after={"reason": reason},
        )
    return prescription


def _writes_for(by: Any, prescription: Prescription, at: datetime) -> bool:
    return membership_on(by, prescription.prescriber, localdate(at)) is not None


def record_dispensing(
    *, draft: DispensingDraft, signed: SignedDocument, device: Device, by: Any, at: datetime
) -> Dispensing:
    """Record what a pharmacy handed over, in the caller's transaction (claims.dispense_medicine).

    The prescription's row is locked: two pharmacies never hand over the same box. Raises
    PrescriptionNotFound, HeldByAnother, AlreadyDispensed, PrescriptionCancelled, EntriesRefused.
    """
    if device.provider.kind != ProviderKind.PHARMACY:
        raise NotAPharmacy(pointer="/document/provider")
    prescription = _locked(draft.fse_number)
    _check_free(prescription, device.provider, at)
    _check_open(prescription)
    items = {item.position: item for item in prescription.items.select_related("medicine")}
    errors = _circumstances(draft, prescription, at)
    medicines = medicines_by_ean([line.ean for line in draft.lines], errors)
    for index, line in enumerate(draft.lines):
        if line.ean in medicines:
            errors += _line_refusals(index, line, items.get(line.position), medicines[line.ean])
    refuse_all(errors)
    dispensing = Dispensing.objects.create(
        prescription=prescription,
        insured_id=prescription.insured_id,
        pharmacy=device.provider,
        author=by,
        device=device,
        dispensed_on=draft.dispensed_on,
        document=signed.document,
        document_hash=document_hash(signed.document),
        signature=signed.signature,
        received_at=at,
    )
    for line in draft.lines:
        items[line.position].boxes_dispensed += line.boxes
    PrescribedItem.objects.bulk_update(items.values(), ["boxes_dispensed"])
    DispensedItem.objects.bulk_create(
        DispensedItem(
            dispensing=dispensing,
            insured_id=prescription.insured_id,
            item=items[line.position],
            medicine=medicines[line.ean],
            boxes=line.boxes,
            charged_centimes=line.charged_centimes,
        )
        for line in draft.lines
    )
    _after_hand_over(prescription, list(items.values()), by=by, at=at)
    return dispensing


def _circumstances(
    draft: DispensingDraft, prescription: Prescription, at: datetime
) -> list[DomainError]:
    errors: list[DomainError] = []
    day = draft.dispensed_on
    if draft.patient != prescription.patient_id:
        errors.append(WrongPatient(pointer="/document/patient"))
    if day > localdate(at):
        errors.append(FutureDay(pointer="/document/dispensed_on", day=day.isoformat()))
    if day < prescription.written_on:
        written = prescription.written_on.isoformat()
        errors.append(DispensedBeforeWritten(pointer="/document/dispensed_on", day=written))
    if day >= prescription.valid_until:
        limit = prescription.valid_until.isoformat()
        errors.append(PrescriptionExpired(pointer="/document/dispensed_on", day=limit))
    return errors


def _line_refusals(
    index: int, line: Any, item: PrescribedItem | None, scanned: Medicine
) -> list[DomainError]:
    pointer = f"/document/lines/{index}"
    if item is None:
        return [LineNotPrescribed(pointer=f"{pointer}/position", label=scanned.label)]
    verdict = match(
        product(item.medicine), product(scanned), substitution_allowed=item.substitution_allowed
    )
    if verdict == Match.NOT_PRESCRIBED:
        return [LineNotPrescribed(pointer=f"{pointer}/ean", label=scanned.label)]
    if verdict == Match.SUBSTITUTION_NOT_ALLOWED:
        return [SubstitutionNotAllowed(pointer=f"{pointer}/ean", label=scanned.label)]
    if line.boxes > item.boxes_left:
        return [TooManyBoxes(pointer=f"{pointer}/boxes", left=item.boxes_left, asked=line.boxes)]
    return []


def product(medicine: Medicine) -> Product:
    """Return what identifies a medicine for the matching rule."""
    return Product(
        ean=medicine.ean,
        inn=medicine.inn,
        strength=medicine.strength,
        strength_unit=medicine.strength_unit,
        form=medicine.form,
    )


def _after_hand_over(
    prescription: Prescription, items: list[PrescribedItem], *, by: Any, at: datetime
) -> None:
    """Give the custody back and derive the state from what is left."""
    _set_custody(prescription, None, None)
    if all(item.boxes_left == 0 for item in items):
        transitions.move(prescription, PrescriptionState.COMPLETED, by=by, at=at)
    elif prescription.state == PrescriptionState.ACTIVE:
        transitions.move(prescription, PrescriptionState.PARTLY_DISPENSED, by=by, at=at)


def _locked(fse_number: str) -> Prescription:
    prescription = (
        Prescription.objects.select_for_update(of=("self",))
        .select_related("custodian", "prescriber")
        .filter(fse_number=fse_number)
        .first()
    )
    if prescription is None:
        raise PrescriptionNotFound(pointer="/document/fse_number")
    return prescription


def _check_free(prescription: Prescription, pharmacy: Provider | None, at: datetime) -> None:
    holder, until = prescription.custodian, prescription.custody_until
    if holder is None or until is None or until <= at or holder == pharmacy:
        return
    raise HeldByAnother(holder=holder.name, until=f"{localdate(until):%d/%m} {_clock(until)}")


def _clock(moment: datetime) -> str:
    return f"{localtime(moment):%H:%M}"


def _check_open(prescription: Prescription) -> None:
    if prescription.state == PrescriptionState.CANCELLED:
        raise PrescriptionCancelled
    if prescription.state == PrescriptionState.COMPLETED:
        last = prescription.dispensings.select_related("pharmacy").order_by("-received_at").first()
        assert last is not None  # noqa: S101 (a completed prescription was dispensed)
        raise AlreadyDispensed(
            pharmacy=last.pharmacy.name, day=f"{localdate(last.received_at):%d/%m/%Y}"
        )


def _set_custody(
    prescription: Prescription, pharmacy: Provider | None, until: datetime | None
) -> None:
    prescription.custodian = pharmacy
    prescription.custody_until = until
    prescription.save(update_fields=["custodian", "custody_until"])
