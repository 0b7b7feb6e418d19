"""Protocols, preparations and renewals as the API says them."""

from datetime import date
from typing import Any

from prescriptions.models import Preparation, Prescription, Protocol
from prescriptions.presenters import medicine_output, patient_output
from prescriptions.selectors.writing import medicines_of

Json = dict[str, Any]


def protocol_output(protocol: Protocol, *, day: date) -> Json:
    """What is on a key of a practice."""
    return {"key": protocol.key, "name": protocol.name, **_written(protocol.lines, day)}


def preparation_output(preparation: Preparation, *, day: date) -> Json:
    """A prescription that waits for its signature."""
    return {
        "id": str(preparation.pk),
        "patient": patient_output(preparation.patient),
        "prepared_by": preparation.prepared_by.full_name,
        "prepared_at": preparation.prepared_at.isoformat(),
        **_written(preparation.lines, day),
    }


def renewal_output(prescription: Prescription, *, day: date) -> Json:
    """The lines of a prescription as version 2 writes them, to be written again."""
    return {
        "fse_number": prescription.fse_number,
        "written_on": prescription.written_on.isoformat(),
        **_written([_second(line) for line in prescription.document["lines"]], day),
    }


# What version 2 of the document adds to a line of version 1.
_ADDED = {"kind": "MEDICINE", "inn": None, "order": None, "wording": None, "over_maximum": False}


def _second(line: Json) -> Json:
    if "kind" in line:
        return line
    return {**_ADDED, **line, "dose": {**line["dose"], "bedtime": "0"}}


def _written(lines: list[Json], day: date) -> Json:
    named = medicines_of(lines, day=day)
    return {"lines": lines, "medicines": [medicine_output(each, day=day) for each in named]}
