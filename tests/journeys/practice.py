"""The invented place the doctor's and the pharmacist's stories happen in."""

from dataclasses import dataclass
from datetime import date

from claims.models import Act
from insured.models import Person
from prescriptions.models import Medicine
from tests import world

CIN = "BK418205"


@dataclass(frozen=True)
class Place:
    """A practice, two pharmacies, a patient with diabetes, and medicines with their differences."""

    doctor: world.Practice
    pharmacy: world.Practice
    other_pharmacy: world.Practice
    patient: Person
    metformin: Medicine
    above_base: Medicine
    generic: Medicine
    not_covered: Medicine
    stranger: Medicine
    consultation: Act


def settle() -> Place:
    """Make the place; names are invented, prices have the shape of the list's."""
    patient = world.person(
        first_name="Zineb", last_name="Amellal", name_ar="زينب أملال", cin=CIN, sex="F"
    )
    world.diabetes(patient)
    world.person(
        household=patient.insured,
        relation="CHILD",
        first_name="Yassine",
        last_name="Amellal",
        sex="M",
        birth_date=date(2016, 3, 9),
    )
    amlodipine = {"inn": "AMLODIPINE", "strength": "5", "strength_unit": "MG", "form": "COMPRIME"}
    return Place(
        doctor=world.practice(name="Dr Salma Benyahia", name_ar="د. سلمى بنيحيى"),
        pharmacy=world.pharmacy(name="Pharmacie de l’Oranger", name_ar="صيدلية البرتقال"),
        other_pharmacy=world.pharmacy(name="Pharmacie du Port", name_ar="صيدلية الميناء"),
        patient=patient,
        metformin=world.medicine(
            name="GLUCOPHAGE 850 MG",
            inn="METFORMINE",
            strength="850",
            presentation="1 BOITE 60 COMPRIME",
            public=4520,
            base=3770,
        ),
        above_base=world.medicine(
            name="AMLOR 5 MG",
            presentation="1 BOITE 28 COMPRIME",
            public=8920,
            base=3620,
            **amlodipine,
        ),
        generic=world.medicine(
            name="AMLODIPINE WIN 5 MG",
            presentation="1 BOITE 28 COMPRIME",
            public=3620,
            base=3620,
            kind="G",
            **amlodipine,
        ),
        not_covered=world.medicine(
            name="ALGANTIL 200 MG", inn="IBUPROFENE", strength="200", public=1800, base=0, rate_bp=0
        ),
        stranger=world.medicine(name="ZOCOR 20 MG", inn="SIMVASTATINE", strength="20"),
        consultation=world.act("C"),
    )
