"""Looking a medicine up: what comes first, what is forgiven, and what is not found."""

import pytest
from django.db import connection

from prescriptions.selectors import search_medicines
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> dict[str, str]:
    """The EAN of each medicine by its brand."""
    listed = [
        ("DOLIPRANE", "PARACETAMOL"),
        ("PANADOL", "PARACETAMOL"),
        ("AMODEX", "AMOXICILLINE"),
        ("ACLAV", "AMOXICILLINE / ACIDE CLAVULANIQUE"),
        ("AMOVAS 100% PUR", "AMLODIPINE"),
        ("GLUCOPHAGE", "METFORMINE"),
    ]
    return {name: world.medicine(name=name, inn=inn).ean for name, inn in listed}


def found(typed: str, **options: int) -> list[str]:
    return [each.name for each in search_medicines(typed, day=world.TODAY, **options)]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("dol", ["DOLIPRANE", "PANADOL"]),  # what begins so, then what holds it
        ("para", ["DOLIPRANE", "PANADOL"]),
        (
            "amo",
            ["AMODEX", "AMOVAS 100% PUR", "ACLAV", "DOLIPRANE", "PANADOL"],
        ),  # brand, INN, within
        ("métformine", ["GLUCOPHAGE"]),
        ("  Amoxicilline   clav ", ["ACLAV"]),  # every word
        ("clav amox", ["ACLAV"]),
        ("100%", ["AMOVAS 100% PUR"]),
        ("%", ["AMOVAS 100% PUR"]),  # a sign, not a wildcard
        ("doliprene", ["DOLIPRANE"]),  # one letter wrong
        ("amoxiciline", ["ACLAV", "AMODEX"]),  # one letter missing
        ("glucofage", ["GLUCOPHAGE"]),
        ("xyzxyz", []),
        ("", []),
    ],
)
def test_what_is_found_for_what_is_typed(shelf, typed: str, names: list[str]) -> None:
    assert found(typed) == names


def test_a_code_is_found_by_its_first_digits(shelf) -> None:
    assert found(shelf["AMODEX"]) == ["AMODEX"]
    assert set(found("6118")) == set(shelf)


def test_no_more_than_asked_and_the_best_of_them(shelf) -> None:
    assert found("dol", limit=1) == ["DOLIPRANE"]
    assert found("amoxiciline", limit=1) == ["ACLAV"]


def test_what_the_search_tells_the_planner_ends_with_it(shelf) -> None:
    found("doliprene")

    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_seqscan")
        assert cursor.fetchone() == ("on",)
