"""Households, rights and illnesses: what is written, audited and refused."""

from datetime import UTC, date, datetime

import pytest

from core.models import AuditEvent
from insured import services
from insured.models import Entitlement, Illness, Insured, LongTermIllness, Person
from insured.selectors import entitlement_on, find_persons, illnesses_on
from insured.services import NewPerson

pytestmark = pytest.mark.django_db

WHO = {"by": "system:test", "at": datetime(2026, 11, 22, 9, 0, tzinfo=UTC)}
HOLDER = NewPerson("SELF", "ⵜⵉⵍⵉⵍⴰ", "أوحدو", date(1990, 5, 1), "F", cin="JE140032")
CHILD = NewPerson("CHILD", "Adam", "Ouhaddu", date(2020, 5, 1), "M")
DAY = date(2026, 1, 1)


def register(**other: object) -> Insured:
    facts = {"registration_number": "900000999", "persons": [HOLDER, CHILD], **WHO, **other}
    return services.register_household(**facts)


@pytest.fixture
def insured() -> Insured:
    return register()


@pytest.fixture
def diabetes() -> Illness:
    return Illness.objects.create(
        code="E11", label="Diabète", category="ALD", period=(date(2006, 1, 1), None), source="t"
    )


def events(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action))


def test_a_household_is_found_by_cin_and_audited(insured: Insured) -> None:
    found = find_persons(cin="je 140032")
    assert [person.first_name for person in found] == ["ⵜⵉⵍⵉⵍⴰ", "Adam"]
    (event,) = events("insured.registered")
    assert (event.actor, event.insured_id, event.after) == (
        "system:test",
        insured.pk,
        {"persons": 2},
    )


@pytest.mark.parametrize("persons", [[], [CHILD], [HOLDER, HOLDER]])
def test_a_household_has_one_holder(persons: list[NewPerson]) -> None:
    with pytest.raises(services.HouseholdWithoutHolder):
        register(persons=persons)
    assert not Insured.objects.exists()


def test_a_known_number_or_cin_is_refused_whole(insured: Insured) -> None:
    for other in ({}, {"registration_number": "900000998"}, {"registration_number": "12"}):
        with pytest.raises(services.PersonKnown):
            register(**other)
    assert (Insured.objects.count(), Person.objects.count()) == (1, 2)
    assert len(events("insured.registered")) == 1


def test_rights_open_once(insured: Insured) -> None:
    services.open_entitlement(insured=insured, scheme="TADAMON", first_day=DAY, **WHO)
    assert entitlement_on(insured, DAY).scheme == "TADAMON"
    assert entitlement_on(insured, date(2025, 12, 31)) is None
    with pytest.raises(services.RightsOverlap):
        services.open_entitlement(
            insured=insured, scheme="SALARIED", first_day=date(2026, 6, 1), **WHO
        )
    with pytest.raises(services.PeriodIsEmpty):
        services.open_entitlement(insured=insured, scheme="SALARIED", first_day=DAY, end=DAY, **WHO)
    assert Entitlement.objects.count() == len(events("insured.rights.opened")) == 1


def grant(insured: Insured, **other: object) -> LongTermIllness:
    person = insured.persons.get(relation="SELF")
    facts = {"person": person, "illness": "E11", "first_day": DAY, "end": date(2029, 1, 1)}
    return services.grant_illness(**{**facts, "rate_bp": 9000, **other}, **WHO)


def test_an_illness_is_granted_at_the_rate_of_the_agreement(
    insured: Insured, diabetes: Illness
) -> None:
    granted = grant(insured)
    assert (granted.category, granted.rate_bp, granted.label) == ("ALD", 9000, "Diabète")
    assert illnesses_on(granted.person, date(2028, 12, 31)) == [granted]
    assert illnesses_on(granted.person, date(2029, 1, 1)) == []
    assert len(events("insured.illness.granted")) == 1


def test_an_illness_takes_the_rate_of_the_list(insured: Insured, diabetes: Illness) -> None:
    Illness.objects.filter(pk=diabetes.pk).update(rate_bp=9500)
    assert grant(insured, rate_bp=None).rate_bp == 9500


@pytest.mark.parametrize(
    ("other", "refusal"),
    [
        ({"rate_bp": None}, services.IllnessRateUnknown),
        ({"illness": "X99"}, services.IllnessUnknown),
        ({"first_day": date(2005, 1, 1)}, services.IllnessUnknown),
        ({"end": DAY}, services.PeriodIsEmpty),
    ],
)
def test_a_grant_that_cannot_be(insured, diabetes, other, refusal) -> None:
    with pytest.raises(refusal):
        grant(insured, **other)
    assert not LongTermIllness.objects.exists()
    assert events("insured.illness.granted") == []


def test_the_same_illness_is_not_granted_twice(insured: Insured, diabetes: Illness) -> None:
    grant(insured)
    with pytest.raises(services.IllnessGranted):
        grant(insured, first_day=date(2027, 1, 1))
    assert LongTermIllness.objects.count() == 1


def test_a_death_is_recorded_with_what_was_known_before(insured: Insured) -> None:
    person = insured.persons.get(relation="CHILD")
    services.record_death(person=person, day=DAY, **WHO)
    services.record_death(person=person, day=date(2026, 1, 2), **WHO)
    assert [
        (e.before, e.after)
        for e in AuditEvent.objects.filter(action="insured.death.recorded").order_by("id")
    ] == [
        ({"death_date": None}, {"death_date": "2026-01-01"}),
        ({"death_date": "2026-01-01"}, {"death_date": "2026-01-02"}),
    ]
