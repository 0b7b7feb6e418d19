"""What became of prescriptions, and the register of narcotics, as the API says them."""

from collections.abc import Iterable
from datetime import datetime, time
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from core.languages import in_both_languages, in_readers_letters
from core.workbook import Column, Kind, Workbook
from prescriptions.models import (
    DispensedItem,
    NarcoticEntry,
    NotDispensed,
    PrescribedItem,
    Prescription,
)
from prescriptions.presenters import custody_output, patient_output, state_output
from prescriptions.states import LineState
from providers.presenters import provider_output

Json = dict[str, Any]


def followed_output(prescription: Prescription, *, at: datetime) -> Json:
    """A prescription with who holds it at the instant `at` and what was handed over of each line."""
    return {
        "fse_number": prescription.fse_number,
        "instance": prescription.instance,
        "instances": prescription.instances,
        "written_on": prescription.written_on.isoformat(),
        "state": state_output(prescription),
        "patient": patient_output(prescription.patient),
        "held_by": custody_output(prescription, at=at)["held_by"],
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
        "refusal": _refusal(item),
        "boxes": item.boxes,
        "boxes_dispensed": item.boxes_dispensed,
        "handed": [_handed(item, each) for each in item.dispensed.all()],
    }


def _refusal(item: PrescribedItem) -> Json | None:
    """Why a line is owed or was not dispensed, in both languages."""
    if not item.refusal:
        return None
    label = NotDispensed(item.refusal).label
    return {"code": item.refusal, "label": in_both_languages(label)}


def followed_xlsx(prescriptions: Iterable[Prescription], *, at: datetime) -> BinaryIO:
    """The same as an Excel file in the reader's language, one row a line; a temporary file at its start."""
    target: Any = TemporaryFile()  # noqa: SIM115 (whoever sends it closes it)
    with Workbook(target, title=_("Ordonnances"), created=at) as book:
        table = book.table(_("Ordonnances"), [Column(*each) for each in _columns()])
        for prescription in prescriptions:
            for item in prescription.items.all():
                table.append(_row(prescription, item))
    target.seek(0)
    return target  # type: ignore[no-any-return]


def _columns() -> list[tuple[str, Kind, int]]:
    return [
        (_("Numéro FSE"), Kind.TEXT, 16),
        (_("Écrite le"), Kind.DAY, 12),
        (_("Patient"), Kind.TEXT, 26),
        (_("Ordonnance"), Kind.TEXT, 20),
        (_("Ligne"), Kind.COUNT, 7),
        (_("Prescrit"), Kind.TEXT, 36),
        (_("État"), Kind.TEXT, 20),
        (_("Boîtes prescrites"), Kind.COUNT, 10),
        (_("Boîtes délivrées"), Kind.COUNT, 10),
        (_("Délivré"), Kind.TEXT, 46),
        (_("Motif"), Kind.TEXT, 30),
    ]


def _row(prescription: Prescription, item: PrescribedItem) -> list[Any]:
    handed = (
        f"{each.medicine.label} × {each.boxes}, {in_readers_letters(each.dispensing.pharmacy)}, "
        f"{each.dispensing.dispensed_on:%d/%m/%Y}"
        for each in item.dispensed.all()
    )
    refusal = NotDispensed(item.refusal).label if item.refusal else ""
    return [
        prescription.fse_number,
        datetime.combine(prescription.written_on, time()),
        in_readers_letters(prescription.patient),
        prescription.get_state_display(),
        item.position,
        line_label(item),
        item.get_state_display(),
        item.boxes,
        item.boxes_dispensed,
        "\n".join(handed),
        refusal,
    ]


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
