"""The papers of the scenario: who, what, how much. Invented; prices and acts are the shipped lists'."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from config.demo.doors import Software
from insured.models import Person

# CIN (or first name within a household) of invented people: fixtures/demo/people.csv.
DIABETIC = "BE410025"
ADULT = "AB330912"
TADAMON = "JB220017"
TADAMON_SPOUSE = "JB201449"
CLOSED_RIGHTS = "D556120"
DECEASED = "B118307"
PENSIONER = "A204518"
FATHER = "C187744"
STUDENT_OF_22 = "CD400118"
CHILD_OF_22 = "CD400119"
SELF_EMPLOYED = "BK309911"
RETURNED = "JE140032"

# Glucophage is priced above its generic base, Kardégic is not reimbursable, Amlor is handed over in two
# times. Each: EAN, boxes, long illness.
PRESCRIBED: tuple[tuple[str, int, str | None], ...] = (
    ("6118000080640", 2, "E11"),
    ("6118010118319", 1, None),
    ("6118000250531", 3, None),
)
AT_ONCE = {1: 2, 2: 1, 3: 1}
LATER = {3: 2}
NOT_PRESCRIBED = "6118000100058"


@dataclass(frozen=True, slots=True)
class Filed:
    """One invented claim: who files it, for whom, which acts, how many days ago."""

    name: str
    login: str
    patient: str
    acts: tuple[tuple[str, int, str], ...]
    days_ago: int = 1
    illness: str | None = None


# Act, quantity, charged in dirhams for the whole line.
TWENTY = (
    Filed("adulte", "medecin", ADULT, (("C", 1, "150.00"),)),
    Filed("conjoint", "medecin", "A211730", (("C", 1, "80.00"),), days_ago=2),
    Filed("pensionnée", "cardiologue", PENSIONER, (("CsC", 1, "300.00"),)),
    Filed("spécialiste", "cardiologue", SELF_EMPLOYED, (("Cs", 1, "250.00"),), days_ago=3),
    Filed("enfant de 20 ans", "medecin", "BE512207", (("C", 1, "150.00"),), days_ago=4),
    Filed("étudiante de 22 ans", "medecin", STUDENT_OF_22, (("C", 1, "100.00"),), days_ago=5),
    Filed("enfant de 22 ans", "medecin", CHILD_OF_22, (("C", 1, "100.00"),), days_ago=5),
    Filed("TADAMON à l’hôpital", "hopital", TADAMON, (("Cs", 1, "75.00"),)),
    Filed(
        "TADAMON, longue maladie",
        "hopital",
        TADAMON_SPOUSE,
        (("Cs", 1, "75.00"), ("C", 1, "60.00")),
        illness="N18.5",
    ),
    Filed("déposée trop tard", "medecin", FATHER, (("C", 1, "120.00"),), days_ago=95),
    Filed("sans convention", "dermatologue", ADULT, (("Cs", 1, "250.00"),), days_ago=2),
    Filed("sans entente préalable", "dentiste", FATHER, (("D754", 1, "2800.00"),), days_ago=2),
    Filed(
        "dentiste, accord partiel",
        "dentiste",
        SELF_EMPLOYED,
        (("D754", 1, "2800.00"), ("C", 1, "150.00")),
        days_ago=6,
    ),
    Filed("droits fermés", "medecin", CLOSED_RIGHTS, (("C", 1, "120.00"),)),
    Filed("envoyée deux fois", "medecin", RETURNED, (("C", 1, "150.00"),), days_ago=3),
    Filed(
        "laboratoire",
        "laboratoire",
        PENSIONER,
        (("HBA1C", 1, "120.00"), ("0592", 1, "40.00")),
        days_ago=2,
    ),
    Filed("cardiologue, encore", "cardiologue", FATHER, (("CsC", 1, "250.00"),), days_ago=4),
)
FRAUDS = (
    Filed("le même soin sous un autre numéro", "medecin", ADULT, (("C", 1, "150.00"),)),
    Filed("un soin après le décès", "medecin", DECEASED, (("C", 1, "150.00"),), days_ago=3),
    Filed(
        "plus de vingt-quatre heures en un jour",
        "kinesitherapeute",
        PENSIONER,
        (("AMM", 80, "4000.00"),),
        days_ago=2,
    ),
)


def person_of(cin: str) -> Person:
    """Return an invented person by CIN."""
    return Person.objects.select_related("insured").get(cin=cin)


def prescription(software: Software, patient: Person, *, today: date) -> dict[str, Any]:
    """Return the document of the prescription of the scenario."""
    return {
        "type": "waraqa/prescription",
        "version": 1,
        **_heading(software, patient, software.mint()),
        "written_on": today.isoformat(),
        "lines": [
            {
                "position": position,
                "ean": ean,
                "dose": {"morning": "1", "noon": "0", "evening": "1"},
                "days": 30,
                "boxes": boxes,
                "substitution": True,
                "illness": illness,
            }
            for position, (ean, boxes, illness) in enumerate(PRESCRIBED, start=1)
        ],
    }


def care(
    software: Software, filed: Filed, *, today: date, fse_number: str | None = None
) -> dict[str, Any]:
    """Return a care claim's document."""
    day = (today - timedelta(days=filed.days_ago)).isoformat()
    return {
        "type": "waraqa/care-claim",
        "version": 1,
        **_heading(software, person_of(filed.patient), fse_number or software.mint()),
        "third_party_payment": False,
        "treatment_end_date": None,
        "lines": [
            {
                "position": position,
                "act": act,
                "quantity": quantity,
                "charged": charged,
                "care_date": day,
                "illness": filed.illness,
            }
            for position, (act, quantity, charged) in enumerate(filed.acts, start=1)
        ],
    }


def dispensing(
    software: Software,
    patient: Person,
    fse_number: str,
    lines: list[tuple[int, str, int, str]],
    *,
    today: date,
) -> dict[str, Any]:
    """Return a dispensing's document; `lines` hold position, EAN, boxes and charge in dirhams."""
    return {
        "type": "waraqa/dispensing",
        "version": 1,
        **_heading(software, patient, fse_number),
        "dispensed_on": today.isoformat(),
        "third_party_payment": True,
        "lines": [
            {"position": position, "ean": ean, "boxes": boxes, "charged": charged}
            for position, ean, boxes, charged in lines
        ],
    }


def _heading(software: Software, patient: Person, fse_number: str) -> dict[str, str]:
    return {
        "fse_number": fse_number,
        "device": software.kid,
        "provider": software.inpe,
        "patient": str(patient.pk),
    }
