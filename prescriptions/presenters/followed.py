"""What became of prescriptions, and the register of narcotics, as the API says them."""

from typing import Any

from core.languages import in_both_languages
from prescriptions.models import DispensedItem, NarcoticEntry, PrescribedItem, Prescription
from prescriptions.presenters import patient_output, state_output
from prescriptions.states import LineState
from providers.presenters import provider_output

Json = dict[str, Any]


def followed_output(prescription: Prescription) -> Json:
    """A prescription with what was handed over of each line."""
    return {
        "fse_number": prescription.fse_number,
        "instance": prescription.instance,
        "instances": prescription.instances,
        "written_on": prescription.written_on.isoformat(),
        "state": state_output(prescription),
        "patient": patient_output(prescription.patient),
        "lines": [_line(item) for item in prescription.items.all()],
    }


def entry_output(entry: NarcoticEntry) -> Json:
    """One line of the register."""
    item = entry.item
    return {
        "number": entry.number,
        "written_on": item.prescription.written_on.isoformat(),
        "fse_number": item.prescription.fse_number,
        "patient": patient_output(item.prescription.patient),
        "label": line_label(item),
        "days": item.duration_days,
        "boxes": item.boxes,
    }


def _line(item: PrescribedItem) -> Json:
    return {
        "position": item.position,
        "label": line_label(item),
        "state": {
            "code": item.state,
            "label": in_both_languages(LineState(item.state).label),
        },
        "refusal": item.refusal,
        "boxes": item.boxes,
        "boxes_dispensed": item.boxes_dispensed,
        "handed": [_handed(item, each) for each in item.dispensed.all()],
    }


def line_label(item: PrescribedItem) -> str:
    """What a line prescribes, in its own words."""
    if item.medicine is not None:
        return item.medicine.label
    return " ".join(filter(None, (item.inn, item.strength, item.strength_unit))) or item.wording


def _handed(item: PrescribedItem, handed: DispensedItem) -> Json:
    return {
        "label": handed.medicine.label,
        "boxes": handed.boxes,
        "replaced": item.medicine_id is not None and handed.medicine_id != item.medicine_id,
        "pharmacy": provider_output(handed.dispensing.pharmacy),
        "day": handed.dispensing.dispensed_on.isoformat(),
    }
