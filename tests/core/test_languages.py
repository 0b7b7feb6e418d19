"""What people and places are called for who reads Arabic, and for who does not."""

import pytest
from django.utils import translation

from core.languages import in_readers_letters
from insured.models import Person
from providers.models import Provider

FATIMA = Person(first_name="Fatima", last_name="El Amrani", name_ar="فاطمة العمراني")
RACHID = Person(first_name="Rachid", last_name="Alaoui")
DOCTOR = Provider(inpe="091000011", name="Dr Hajar Chraïbi", name_ar="د. هاجر الشرايبي")


@pytest.mark.parametrize(
    ("language", "named", "latin", "called"),
    [
        ("fr", FATIMA, "", "Fatima El Amrani"),
        ("ar", FATIMA, "", "فاطمة العمراني"),
        ("ar", RACHID, "", "Rachid Alaoui"),
        ("fr", DOCTOR, "", "Dr Hajar Chraïbi (091000011)"),
        ("fr", DOCTOR, DOCTOR.name, "Dr Hajar Chraïbi"),
        ("ar", DOCTOR, DOCTOR.name, "د. هاجر الشرايبي"),
    ],
)
def test_a_name_is_in_the_readers_letters_when_it_is_known_in_them(
    language: str, named: Person | Provider, latin: str, called: str
) -> None:
    with translation.override(language):
        assert in_readers_letters(named, latin) == called
