"""A small real country, through the services: what a night sees of it, and what it does not."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.models import Role
from claims import services as claims
from claims.models import CareSheet
from fraud import services
from fraud.gateways import tables
from fraud.gateways.pseudonyms import pseudonym
from fraud.gateways.warehouse import Warehouse
from fraud.models import Alarm, Case, NightRun
from fraud.rules.inputs import NOT_HELD
from fraud.services import _night
from payments import services as payments
from payments.models import PayeeAccount
from prescriptions.models import Prescription
from providers.intake import Offline
from providers.models import AgreementPeriod, Membership, Territory
from tests import world
from tests.fraud.filing import care_claim, screened

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


def prescribed(
    doctor: world.Practice, patient: Any, medicine: Any, day: date, days: int = 30
) -> Any:
    """Two boxes for thirty days."""
    document = world.prescription_document(doctor, patient, [medicine], written_on=day.isoformat())
    document["lines"][0]["days"] = days
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


def officer() -> Any:
    return world.user(Role.FRAUD_OFFICER)


def warehouse() -> Warehouse:
    return Warehouse(_night.warehouse_path())


def rows(text: str) -> list[tuple[Any, ...]]:
    with warehouse() as house:
        return house.connection.execute(text).fetchall()


def cancelled(claim: Any, doctor: world.Practice) -> None:
    claims.cancel_claim(claim, reason="erreur", by=doctor.user, at=TONIGHT)


def refused(claim: Any, _doctor: world.Practice) -> None:
    screened(claim)
    services.refuse_hold(claim=claim, reason="doublon", by=officer(), at=TONIGHT)


def reversed_(claim: Any, _doctor: world.Practice) -> None:
    services.screen_claims(subject_ids=[claim.pk], at=TONIGHT)
    services.release_hold(claim=claim, reason="justifié", by=officer(), at=TONIGHT)
    grounds = payments.Grounds("PROVEN_FRAUD", "jamais fait", "F261120-A1B2C3", "ab" * 32)
    asked = payments.ask_reversal(claim_id=claim.pk, grounds=grounds, by=officer(), at=TONIGHT)
    payments.confirm_reversal(reversal_id=asked.pk, by=officer(), at=TONIGHT)


def thrice(doctor: world.Practice) -> list[Any]:
    """One consultation asked three times: two facts, one fewer than a file takes."""
    patient = world.person()
    return [seen(doctor, patient, minute=n) for n in range(3)]


def once_more(doctor: world.Practice, first: Any) -> Any:
    """The same care a fourth time, filed the next day."""
    document = world.care_document(doctor, first.patient)
    return world.submit(doctor, document, at=TONIGHT + timedelta(minutes=1))


def test_a_claim_that_lives_still_counts_the_next_night(country: Country) -> None:
    first, *_others = thrice(country.rabat)
    night()
    assert not Case.objects.exists()
    once_more(country.rabat, first)
    night(TONIGHT + timedelta(days=1), "INCREMENT")
    case = Case.objects.get()
    assert case.items.count() == 3


@pytest.mark.parametrize("dies", [cancelled, refused, reversed_])
def test_a_claim_that_dies_leaves_the_next_night_with_its_alarms(
    country: Country, dies: Any
) -> None:
    first, second, third = thrice(country.rabat)
    night()
    dies(third, country.rabat)
    third.refresh_from_db()
    assert third.state in {"CANCELLED", "DENIED", "REVERSED"}
    last = once_more(country.rabat, first)
    night(TONIGHT + timedelta(days=1), "INCREMENT")
    keys = {str(each.pk) for each in (first, second, last)}
    for table in ("claims", "claim_lines", "care"):
        assert {claim for (claim,) in rows(f"SELECT claim FROM {table}")} == keys
    assert {claim for (claim,) in rows("SELECT claim FROM alarms WHERE rule = 'SAME_CARE_AGAIN'")} == {
        str(second.pk), str(last.pk)
    }  # fmt: skip
    assert rows("SELECT sum(visits), sum(acts) FROM provider_days") == [(1, 3)]
    assert rows("SELECT sum(amount) FROM links") == [(60_000,)]
    # what was held before payment stays with its signal: only that may open a case with it
    assert not Case.objects.filter(items__alarm__claim=third).exists()
    assert Case.objects.exists() == (dies is not cancelled)


def test_what_repeated_a_claim_that_died_is_no_repetition(country: Country) -> None:
    first, second, third = thrice(country.rabat)
    night()
    cancelled(first, country.rabat)
    once_more(country.rabat, second)
    night(TONIGHT + timedelta(days=1), "INCREMENT")
    assert Alarm.objects.filter(rule="SAME_CARE_AGAIN").count() == 3
    assert not Case.objects.exists()
    assert third.state == "ADJUDICATED"


def test_an_amended_dispensing_has_the_rows_of_its_new_version(country: Country) -> None:
    medicine, patient = world.medicine(), world.person()
    prescription = prescribed(country.rabat, patient, medicine, before(2))
    claim = handed(country.shop, prescription, medicine, before(2), 2)
    night()
    document = world.second_dispensing(
        country.shop, prescription, [world.dispensed_line(1, medicine, 1, outcome="PARTIAL")],
        replaces=claim.dispensing.document_hash, dispensed_on=before(2).isoformat(),
    )  # fmt: skip
    amended = payments.amend_dispensing(
        claim_id=claim.pk, pharmacy=country.shop.provider,
        draft=world.dispensing_draft_of(document), signed=country.shop.sign(document),
        by=country.shop.user, at=TONIGHT,
    ).claim  # fmt: skip
    night(TONIGHT + timedelta(days=1), "INCREMENT")
    text = "SELECT claim, quantity, charged, days FROM claim_lines"
    assert rows(text) == [(str(amended.pk), 1, 7_500, 15)]
    assert rows("SELECT claim FROM care") == [(str(amended.pk),)]


def test_a_claim_settled_after_its_day_was_copied_is_copied_the_next_night(
    country: Country,
) -> None:
    night()
    document = world.care_document(country.rabat, world.person())
    late = TONIGHT + timedelta(hours=2)
    world.act("C")
    claim = claims.submit_claim(
        draft=world.care_draft(document), signed=country.rabat.sign(document),
        by=country.rabat.user, at=late, offline=Offline(world.NOW, world.NOW, world.NOW),
    ).claim  # fmt: skip
    assert claim.received_date == world.TODAY
    night(TONIGHT + timedelta(days=1), "INCREMENT")
    assert rows("SELECT claim FROM care") == [(str(claim.pk),)]


def test_a_lost_warehouse_is_filled_whole(country: Country) -> None:
    first = seen(country.rabat, world.person())
    night()
    _night.warehouse_path().unlink()
    night(TONIGHT + timedelta(days=1), "INCREMENT")
    assert NightRun.objects.get(until=TONIGHT.date() + timedelta(days=1)).since is None
    assert rows("SELECT claim FROM care") == [(str(first.pk),)]


def rich(country: Country) -> list[str]:
    """A history in which every column the product holds is told; returns what names its people."""
    doctor, shop = country.rabat, country.shop
    patient = world.person(death_date=world.TODAY, scheme="TADAMON",
                           rights=DateRange(date(2020, 1, 1), date(2027, 1, 1)))  # fmt: skip
    world.diabetes(patient)
    morphine = world.medicine(inn="MORPHINE")
    world.act("K", coefficient=250)
    prescription = prescribed(doctor, patient, morphine, before(3), days=7)
    handed(shop, prescription, morphine, before(3), 2)
    seen(doctor, patient)
    seen(country.sale, patient, before(1))
    ended = DateRange(date(2020, 1, 1), date(2026, 12, 1))
    AgreementPeriod.objects.filter(provider=doctor.provider).update(period=ended)
    Membership.objects.create(
        user=doctor.user, provider=country.sale.provider, standing="DELEGATE", period=world.ALWAYS
    )
    holder = patient.insured
    ribs = PayeeAccount.objects.values_list("rib", flat=True)
    numbers = CareSheet.objects.values_list("fse_number", flat=True)
    providers = [
        told
        for each in (doctor, country.sale, country.agadir, shop)
        for told in (each.provider.inpe, each.provider.name, each.provider.address,
                     each.user.full_name, each.device.kid, each.device.label)
    ]  # fmt: skip
    people = [patient.last_name, patient.first_name, patient.cin, holder.registration_number]
    return [*people, *providers, *ribs, *numbers]


def test_what_stays_null_is_what_is_documented(country: Country) -> None:
    rich(country)
    night()
    empty: set[str] = set()
    with warehouse() as house:
        for table, told in (tables.CANONICAL | tables.REFERENCE).items():
            names = [each.split()[0] for each in re.sub(r"\(.*?\)", "", told).split(",")]
            counts = ", ".join(f"count({name})" for name in names)
            row = house.connection.execute(f"SELECT {counts} FROM {table}").fetchall()[0]
            null = {f"{table}.{name}" for name, n in zip(names, row, strict=True) if not n}
            empty |= {table} if len(null) == len(names) else null
    assert empty == set(NOT_HELD)


def test_the_figures_of_the_copy_are_those_of_the_product(country: Country) -> None:
    rich(country)
    night()
    assert rows("SELECT atc, controlled, price FROM medicines WHERE inn = 'MORPHINE'") == [
        ("N02AA01", True, 7_500)
    ]
    assert rows("SELECT rights_from, rights_until, illnesses, scheme FROM members") == [
        (date(2020, 1, 1), date(2026, 12, 31), "E11", "TADAMON")
    ]
    assert rows(
        "SELECT agreed_until, practice, latitude, longitude, region FROM providers"
        f" WHERE inpe = '{country.rabat.provider.pk}'"
    ) == [(date(2026, 11, 30), str(country.rabat.provider.pk), 34.02, -6.84, "RAB")]
    assert rows("SELECT CAST(signed_at AS DATE), valid_until FROM prescriptions") == [
        (before(3), Prescription.objects.get().valid_until - timedelta(days=1))
    ]
    assert rows("SELECT quantity, days, repeats FROM prescription_lines") == [(2, 7, 0)]


def test_nobody_is_named_in_the_file(country: Country) -> None:
    names = rich(country)
    night()
    content = _night.warehouse_path().read_bytes()
    with warehouse() as house:
        every = [name for (name,) in house.connection.execute("SHOW TABLES").fetchall()]
        told = "\n".join(
            row
            for name in every
            for (row,) in house.connection.execute(
                f"SELECT CAST(t AS TEXT) FROM main.{name} t"
            ).fetchall()
        )
    assert str(country.rabat.provider.pk) in told
    for name in names:
        plain = (name, sha256(name.encode()).hexdigest())
        for text in filter(None, plain):
            assert text not in told, text
            assert text.encode() not in content, text


def test_another_secret_gives_other_names(settings: Any) -> None:
    one = pseudonym("account", world.rib(1))
    assert pseudonym("account", world.rib(1)) == one != pseudonym("sheet", world.rib(1))
    settings.WAREHOUSE_KEY = "another"
    assert pseudonym("account", world.rib(1)) != one
