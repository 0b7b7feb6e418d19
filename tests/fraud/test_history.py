"""A small real country, through the services: what a night sees of it, and what it does not."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from fraud import services
from fraud.models import Alarm
from fraud.services import _night
from payments.models import PayeeAccount
from providers.models import Membership, Territory
from tests import world
from tests.fraud.filing import care_claim

pytestmark = pytest.mark.django_db
TONIGHT = world.NOW + timedelta(days=1)
Row = tuple[Any, Any, dict[str, Any]]


def before(days: int) -> date:
    return world.TODAY - timedelta(days=days)


def morning(day: date, minute: float = 0) -> datetime:
    return world.NOW - (world.TODAY - day) + timedelta(minutes=minute)


def place(code: str, latitude: str, longitude: str) -> Territory:
    region = Territory.objects.create(code=f"R{code}", kind="REGION", name_fr=code, source="t")
    return Territory.objects.create(
        code=code, kind="PROVINCE", name_fr=code, parent=region, source="t",
        latitude=latitude, longitude=longitude,
    )  # fmt: skip


@dataclass
class Country:
    """Doctors of two towns 479 km apart, and a pharmacy."""

    rabat: world.Practice
    sale: world.Practice
    agadir: world.Practice
    shop: world.Practice


@pytest.fixture
def country() -> Country:
    _night.warehouse_path().unlink(missing_ok=True)
    north, south = place("RAB", "34.02", "-6.84"), place("AGD", "30.43", "-9.60")
    doctors = [world.practice(territory=each, speciality="G") for each in (north, north, south)]
    return Country(*doctors, world.pharmacy(territory=north))


def seen(doctor: world.Practice, patient: Any, day: date = world.TODAY, minute: float = 0) -> Any:
    """A consultation on a day, filed the same day."""
    line = {"position": 1, "act": "C", "quantity": 1, "charged": "200.00",
            "care_date": day.isoformat(), "illness": None}  # fmt: skip
    return care_claim(doctor, patient, at=morning(day, minute), lines=[line])


def prescribed(doctor: world.Practice, patient: Any, medicine: Any, day: date) -> Any:
    """Two boxes for thirty days."""
    document = world.prescription_document(doctor, patient, [medicine], written_on=day.isoformat())
    return world.prescribe(doctor, document, at=morning(day))


def handed(shop: world.Practice, prescription: Any, medicine: Any, day: date, boxes: int) -> Any:
    document = world.dispensing_document(
        shop, prescription, [(1, medicine, boxes, f"{75 * boxes}.00")],
        dispensed_on=day.isoformat(),
    )  # fmt: skip
    return world.dispense(shop, document, at=morning(day, 5))


def night(at: datetime = TONIGHT, scope: str = "FULL") -> None:
    run = services.start_night(scope=scope, by="system:clock", at=at)
    while services.advance_night(at=at):
        pass
    assert not run.steps.exclude(error="").exists()


def found(rule: str) -> list[Row]:
    """What a rule saw: whom or which claim, beside whom, with which evidence."""
    return [
        (each.claim_id or each.provider_id, each.other_id or each.member_id, each.evidence)
        for each in Alarm.objects.filter(rule=rule).order_by("day", "key")
    ]


def test_care_at_both_ends_of_the_country_is_seen_and_in_neighbouring_towns_is_not(
    country: Country,
) -> None:
    traveller, neighbour = world.person(), world.person()
    seen(country.rabat, traveller)
    far = seen(country.agadir, traveller, minute=60)
    seen(country.rabat, neighbour, minute=1)
    seen(country.sale, neighbour, minute=60)
    night()
    alarm = Alarm.objects.get(rule="TWO_PLACES")
    assert (alarm.claim, alarm.provider, alarm.other, alarm.member) == (
        far, country.agadir.provider, country.rabat.provider, traveller
    )  # fmt: skip
    assert alarm.evidence == {"care_date": world.TODAY.isoformat(), "km": 479}
    assert alarm.threshold == "400"


def test_the_same_care_again_is_seen_and_on_another_day_is_not(country: Country) -> None:
    patient, twin = world.person(), world.person()
    first = seen(country.rabat, patient)
    again = seen(country.rabat, patient, minute=90)
    seen(country.rabat, twin, before(1))
    seen(country.rabat, twin, minute=95)
    night()
    row = {"code": "C", "care_date": world.TODAY.isoformat(), "other_claim": str(first.pk)}
    assert found("SAME_CARE_AGAIN") == [(again.pk, patient.pk, row)]


def test_an_early_refill_is_seen_and_the_second_half_of_a_dispensing_is_not(
    country: Country,
) -> None:
    medicine, patient, twin = world.medicine(), world.person(), world.person()
    for day in (before(20), before(9)):
        prescription = prescribed(country.rabat, patient, medicine, day)
        last = handed(country.shop, prescription, medicine, day, 2)
    prescription = prescribed(country.sale, twin, medicine, before(20))
    handed(country.shop, prescription, medicine, before(20), 1)
    handed(country.shop, prescription, medicine, before(8), 1)
    night()
    assert found("EARLY_REFILL") == [
        (last.pk, patient.pk, {
            "inn": medicine.inn, "care_date": before(9).isoformat(),
            "before": before(20).isoformat(), "days_before": 30, "elapsed": 11})
    ]  # fmt: skip
    assert found("DISPENSED_WITHOUT_PRESCRIPTION") == []


def test_a_device_that_signs_faster_than_a_hand_is_seen_and_a_full_day_is_not(
    country: Country,
) -> None:
    patients = [world.person() for _n in range(31)]
    for n, patient in enumerate(patients):
        seen(country.rabat, patient, minute=n / 20)
        seen(country.sale, patient, before(1), minute=15 * n)
    night()
    assert found("TYPING_BURST") == [(country.rabat.provider.pk, None, {"claims": 31})]


def test_an_account_of_two_practices_is_seen_and_of_colleagues_is_not(country: Country) -> None:
    shared, common = world.rib(900_001), world.rib(900_002)
    accounts = PayeeAccount.objects
    pairs = [(country.rabat, country.agadir, shared), (country.sale, world.practice(), common)]
    for one, two, rib in pairs:
        keys = (one.provider.pk, two.provider.pk)
        accounts.filter(provider__in=keys).update(rib=rib)
    Membership.objects.create(
        user=pairs[1][0].user, provider=pairs[1][1].provider, standing="DELEGATE",
        period=world.ALWAYS,
    )  # fmt: skip
    night()
    keys = sorted([(country.rabat.provider.pk, country.agadir.provider.pk),
                   (country.agadir.provider.pk, country.rabat.provider.pk)])  # fmt: skip
    assert sorted(found("LINKED_ACCOUNTS")) == [(*pair, {"linked": "PROVIDER"}) for pair in keys]
