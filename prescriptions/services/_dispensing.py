"""Handing over what was prescribed, never a box too many."""

from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from core import transitions
from core.errors import DomainError, refuse_all
from core.signatures import SignedDocument, document_hash
from prescriptions.intake import DispensingDraft
from prescriptions.models import (
    DispensedItem,
    Dispensing,
    Medicine,
    PrescribedItem,
    Prescription,
)
from prescriptions.rules.matching import Match, Product, match
from prescriptions.services._custody import check_free, check_open, locked, set_custody
from prescriptions.services._refusals import (
    DispensedBeforeWritten,
    FutureDay,
    LineNotPrescribed,
    NotAPharmacy,
    PrescriptionExpired,
    SubstitutionNotAllowed,
    TooManyBoxes,
    WrongPatient,
)
from prescriptions.services._writing import medicines_by_ean
from prescriptions.states import PrescriptionState
from providers.models import Device, ProviderKind


def record_dispensing(
    *, draft: DispensingDraft, signed: SignedDocument, device: Device, by: Any, at: datetime
) -> Dispensing:
    """Record what a pharmacy handed over, in the caller's transaction (claims.dispense_medicine).

    The prescription's row is locked: two pharmacies never hand over the same box. Raises
    PrescriptionNotFound, HeldByAnother, AlreadyDispensed, PrescriptionCancelled, EntriesRefused.
    """
    if device.provider.kind != ProviderKind.PHARMACY:
        raise NotAPharmacy(pointer="/document/provider")
    prescription = locked(draft.fse_number)
    check_free(prescription, device.provider, at)
    check_open(prescription)
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
        prescribed_product(item),
        product(scanned),
        # A substance was prescribed: every product of its group is what was asked.
        substitution_allowed=item.substitution_allowed or item.medicine is None,
    )
    if verdict == Match.NOT_PRESCRIBED:
        return [LineNotPrescribed(pointer=f"{pointer}/ean", label=scanned.label)]
    if verdict == Match.SUBSTITUTION_NOT_ALLOWED:
        return [SubstitutionNotAllowed(pointer=f"{pointer}/ean", label=scanned.label)]
    if line.boxes > item.boxes_left:
        return [TooManyBoxes(pointer=f"{pointer}/boxes", left=item.boxes_left, asked=line.boxes)]
    return []


def prescribed_product(item: PrescribedItem) -> Product:
    """Return what a line asks for; a formula or an order is no product and matches none."""
    if item.medicine is not None:
        return product(item.medicine)
    return Product(
        ean="",
        inn=item.inn,
        strength=item.strength,
        strength_unit=item.strength_unit,
        form=item.form,
    )


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
    set_custody(prescription, None, None)
    if all(item.boxes_left == 0 for item in items):
        transitions.move(prescription, PrescriptionState.COMPLETED, by=by, at=at)
    elif prescription.state == PrescriptionState.ACTIVE:
        transitions.move(prescription, PrescriptionState.PARTLY_DISPENSED, by=by, at=at)
