"""The documents of a drill: care, prescriptions, dispensings, for people who do not exist."""

import threading
from datetime import date, timedelta
from random import Random
from typing import Any

from config.demo.doors import Software
from config.drill.country import ACTS, EAN, Country

DAYS_BACK = 50
BOXES = 2

Document = dict[str, Any]


class Papers:
    """Writes documents; the same care of one person on one day comes back as late as it can."""

    def __init__(self, country: Country) -> None:
        self._patients = country.patients
        self._guard = threading.Lock()
        self._serial = 0

    def care(
        self,
        draw: Random,
        doctor: Software,
        *,
        patient: str | None = None,
        act: str | None = None,
        charged: str | None = None,
    ) -> Document:
        """Return a care claim's document; what is not said takes its turn or is drawn."""
        with self._guard:
            self._serial += 1
            turn, place = divmod(self._serial, len(self._patients))
        line = {
            "position": 1,
            "act": act or ACTS[turn // DAYS_BACK % len(ACTS)],
            "quantity": 1,
            "charged": charged or f"{draw.randrange(80, 400)}.00",
            "care_date": (today() - timedelta(days=2 + turn % DAYS_BACK)).isoformat(),
            "illness": None,
        }
        return {
            "type": "waraqa/care-claim",
            "version": 1,
            **_heading(doctor, patient or self._patients[place], doctor.mint()),
            "third_party_payment": draw.random() < 0.3,
            "treatment_end_date": None,
            "lines": [line],
        }


def prescription(doctor: Software, patient: str, number: str) -> Document:
    """Return a prescription of a few boxes of the one medicine."""
    line = {
        "position": 1,
        "ean": EAN,
        "dose": {"morning": "1", "noon": "0", "evening": "0"},
        "days": 30,
        "boxes": BOXES,
        "substitution": True,
        "illness": None,
    }
    return {
        "type": "waraqa/prescription",
        "version": 1,
        **_heading(doctor, patient, number),
        "written_on": today().isoformat(),
        "lines": [line],
    }


def dispensing(shop: Software, patient: str, number: str) -> Document:
    """Return the dispensing of every box prescribed."""
    return {
        "type": "waraqa/dispensing",
        "version": 1,
        **_heading(shop, patient, number),
        "dispensed_on": today().isoformat(),
        "third_party_payment": True,
        "lines": [{"position": 1, "ean": EAN, "boxes": BOXES, "charged": "150.00"}],
    }


def today() -> date:
    """The day on a practice's own computer."""
    return date.today()  # noqa: DTZ011 (a device has no other)


def _heading(software: Software, patient: str, number: str) -> dict[str, str]:
    return {
        "fse_number": number,
        "device": software.kid,
        "provider": software.inpe,
        "patient": patient,
    }
