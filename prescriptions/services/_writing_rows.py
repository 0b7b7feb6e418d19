"""The rows of a prescription, whether its document or only its code has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from core import transitions
from core.errors import DomainError, refuse_all
from insured.models import Person
from prescriptions import selectors
from prescriptions.intake import PrescribedLine, PrescriptionDraft, Substance
from prescriptions.models import LineKind, Medicine, PrescribedItem, Prescription, Provenance
from prescriptions.rules.windows import Window, windows
from prescriptions.services._refusals import MedicineUnknown
from prescriptions.states import PrescriptionState
from providers.models import Device


@dataclass(frozen=True, slots=True)
class Writing:
    """What every instance of a prescription has in common."""

    draft: PrescriptionDraft
    document: dict[str, Any]
    digest: str
    signature: str
    patient: Person
    device: Device
    author: Any
    provenance: Provenance
    received_at: datetime
    by: Any
    at: datetime


def windows_of(draft: PrescriptionDraft) -> list[Window]:
    """Return the window of each instance, by the law of the day it was written."""
    validity = selectors.delay("prescription_validity_days", draft.written_on)
    repeats = (draft.repeats.count, draft.repeats.every_days) if draft.repeats else None
    return windows(draft.written_on, draft.starts_on, repeats, validity_days=validity)


def write_instance(
    writing: Writing, window: Window, medicines: dict[str, Medicine]
) -> Prescription:
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
        author=writing.author,
        device=writing.device,
        written_on=draft.written_on,
        starts_on=window.starts_on if draft.starts_on or draft.repeats else None,
        valid_until=window.valid_until,
        provenance=writing.provenance,
        document=writing.document,
        document_hash=writing.digest,
        signature=writing.signature,
        received_at=writing.received_at,
    )
    lines = PrescribedItem.objects.bulk_create(
        _item(prescription, line, medicines.get(line.ean)) for line in draft.lines
    )
    transitions.born(prescription, by=writing.by, at=at)
    transitions.born_all(lines, by=writing.by, at=at)
    return prescription


def medicines_of(draft: PrescriptionDraft) -> dict[str, Medicine]:
    """Return the medicines that the lines name, by EAN. Raises EntriesRefused."""
    errors: list[DomainError] = []
    medicines = medicines_named(draft.lines, errors)
    refuse_all(errors)
    return medicines


def medicines_named(
    lines: Sequence[PrescribedLine], errors: list[DomainError]
) -> dict[str, Medicine]:
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
