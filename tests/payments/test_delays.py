"""Delays from filing to payment: exact medians, by month, region and kind; who reads them."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pandas as pd
import pytest

from accounts.models import Role
from claims.models import Claim
from payments.selectors.delays import Delay, Grouping, delay_of_all, delays
from providers.models import Provider, Territory
from tests import world
from tests.office.conftest import with_second_factor
from tests.payments import factories

pytestmark = pytest.mark.django_db
PERIOD = {"first": date(2026, 1, 1), "last": date(2026, 12, 31)}


def paid(days: int, *, settled: datetime, doctor: world.Practice | None = None) -> Claim:
    """A claim paid so many calendar days after its filing."""
    claim = factories.claim(doctor=doctor, at=settled - timedelta(days=days))
    claim.state, claim.settled_at = "PAID", settled
    claim.save()
    return claim


def noon(month: int, day: int = 15) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


@pytest.fixture
def country() -> dict[str, Territory]:
    region = Territory.objects.create(
        code="R1", kind="REGION", name_fr="Rabat-Salé-Kénitra", name_ar="الرباط سلا القنيطرة"
    )
    province = Territory.objects.create(
        code="P1", kind="PROVINCE", name_fr="Kénitra", parent=region
    )
    commune = Territory.objects.create(code="C1", kind="COMMUNE", name_fr="X", parent=province)
    return {"region": region, "province": province, "commune": commune}


def test_half_and_nine_in_ten_by_month() -> None:
    for days in (1, 2, 3, 4, 5, 6, 7, 8, 9, 100):
        paid(days, settled=noon(5))
    paid(12, settled=noon(6))
    factories.claim(at=noon(5))

    found = delays(Grouping.MONTH, **PERIOD)

    assert [(each.group.month, each.count) for each in found] == [(5, 10), (6, 1)]
    assert [(each.median_days, each.ninetieth_days) for each in found] == [(5, 9), (12, 12)]
    whole = delay_of_all(**PERIOD)
    assert (whole.count, whole.median_days, whole.ninetieth_days) == (11, 6, 12)


def test_a_region_is_that_of_the_place_whatever_its_level(country) -> None:
    for level, days in (("region", 2), ("province", 4), ("commune", 9)):
        doctor = world.practice()
        Provider.objects.filter(pk=doctor.provider.pk).update(territory=country[level])
        paid(days, settled=noon(5), doctor=doctor)
    paid(30, settled=noon(5))

    found = delays(Grouping.REGION, **PERIOD)

    assert found == [Delay(country["region"].pk, 3, 4, 9), Delay(None, 1, 30, 30)]


def test_by_kind_and_only_in_the_period() -> None:
    paid(3, settled=noon(5))
    paid(50, settled=datetime(2025, 12, 31, 12, tzinfo=UTC))

    assert delays(Grouping.KIND, **PERIOD) == [Delay("CARE", 1, 3, 3)]
    assert delay_of_all(first=date(2024, 1, 1), last=date(2024, 2, 1)) is None


def test_the_day_of_payment_is_the_fund_s() -> None:
    """00:30 in Morocco on the first of June is still May in UTC."""
    claim = paid(0, settled=datetime(2026, 5, 31, 23, 30, tzinfo=UTC))
    Claim.objects.filter(pk=claim.pk).update(received_date=date(2026, 5, 31))

    (found,) = delays(Grouping.MONTH, **PERIOD)

    assert (found.group.month, found.median_days) == (6, 1)


@pytest.mark.parametrize("grouping", Grouping)
def test_one_query_whatever_the_number(grouping, django_assert_num_queries) -> None:
    for _ in range(3):
        paid(3, settled=noon(5))

    with django_assert_num_queries(1):
        assert delays(grouping, **PERIOD)[0].count == 3


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_the_page_and_its_file(language, client, country, settings) -> None:
    doctor = world.practice()
    Provider.objects.filter(pk=doctor.provider.pk).update(territory=country["commune"])
    paid(7, settled=datetime.now(UTC) - timedelta(hours=1), doctor=doctor)
    client.force_login(with_second_factor(factories.officer()))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    name = country["region"].name_ar if language == "ar" else country["region"].name_fr

    page = client.get("/admin/delais/?mois=3")
    file = client.get("/admin/delais/?mois=3&format=xlsx")

    assert page.status_code == 200
    assert name in page.content.decode()
    assert page.content.decode().count('class="chart"') == 3
    frames = pd.read_excel(BytesIO(file.getvalue()), sheet_name=None)
    assert [list(frame.iloc[0])[1:] for frame in frames.values()] == [[1, 7, 7]] * 3
    assert list(frames.values())[1].iloc[0, 0] == name


def test_an_empty_period_says_what_to_do_and_only_watchers_read(client) -> None:
    client.force_login(with_second_factor(factories.officer()))
    assert "Choisissez-en une plus longue" in client.get("/admin/delais/").content.decode()
    client.force_login(with_second_factor(world.user(Role.AGENT)))
    assert client.get("/admin/delais/").status_code == 403
