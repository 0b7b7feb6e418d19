"""The territory and the register of providers."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from core.imports.loading import Options, load_list
from core.imports.report import LinesRefused
from providers.models import AgreementPeriod, Provider, Territory
from providers.reference.register import PROVIDERS, REGISTER_COLUMNS
from providers.reference.territory import territory

pytestmark = pytest.mark.django_db

DOCTOR = {
    "inpe": "091000017",
    "kind": "DOCTOR",
    "name": "Dr Amina Benkirane",
    "name_ar": "د. أمينة بنكيران",
    "speciality": "",
    "sector": "PRIVATE",
    "region": "Casablanca - Settat",
    "agreement_from": "2020-01-01",
    "agreement_to": "",
    "address": "",
    "source": "test",
}


@pytest.fixture
def load(write_csv, edition) -> Callable:
    Territory.objects.create(code="MA-06", kind="REGION", name_fr="Casablanca-Settat", source="t")

    def run(*providers: dict[str, str], day: str = "2020-01-01", **options):
        columns = list(providers[0])
        path = write_csv(columns, *(list(each.values()) for each in providers))
        return load_list(PROVIDERS, path, edition(day), Options(**options))

    return run


def agreements() -> list[tuple[date, date | None]]:
    return [(each.period.lower, each.period.upper) for each in AgreementPeriod.objects.all()]


def test_a_provider_with_region_agreement_and_history(load: Callable) -> None:
    assert load(DOCTOR).new == 1
    doctor = Provider.objects.get()
    assert doctor.territory is not None
    assert (doctor.inpe, doctor.territory.code, doctor.source) == ("091000017", "MA-06", "test")
    assert agreements() == [(date(2020, 1, 1), None)]
    assert [(h.history_type, h.name) for h in doctor.history.all()] == [("+", doctor.name)]
    assert AgreementPeriod.history.count() == 1
    assert load(DOCTOR).unchanged == 1
    assert AgreementPeriod.history.count() == 1


def test_an_agreement_that_ended_and_none_at_all(load: Callable) -> None:
    ended = DOCTOR | {"agreement_to": "2025-01-01"}
    load(ended, DOCTOR | {"inpe": "091000025", "agreement_from": ""})
    assert agreements() == [(date(2020, 1, 1), date(2025, 1, 1))]


def test_a_changed_register_keeps_the_history(load: Callable) -> None:
    load(DOCTOR)
    report = load(DOCTOR | {"name": "Dr A. Benkirane", "agreement_to": "2026-01-01"})
    assert (report.changed, report.ended) == (1, 0)
    assert agreements() == [(date(2020, 1, 1), date(2026, 1, 1))]
    types = Provider.objects.get().history.values_list("history_type", flat=True)
    assert sorted(types) == ["+", "~"]
    assert sorted(AgreementPeriod.history.values_list("history_type", flat=True)) == ["+", "+", "-"]


def test_a_register_never_ends_a_provider(load: Callable) -> None:
    load(DOCTOR, DOCTOR | {"inpe": "091000025"})
    assert load(DOCTOR, day="2026-01-01").ended == 0
    assert Provider.objects.count() == 2


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ({"inpe": "12345"}, "INPE_FORMAT"),
        ({"inpe": "09100001A"}, "INPE_FORMAT"),
        ({"kind": "WIZARD"}, "NOT_A_CHOICE"),
        ({"sector": "CHARITY"}, "NOT_A_CHOICE"),
        ({"region": "Atlantide"}, "UNKNOWN_TERRITORY"),
        ({"agreement_from": "01/01/2020"}, "NOT_A_DAY"),
        ({"agreement_to": "2019-01-01"}, "PERIOD_IS_EMPTY"),
        ({"name": ""}, "NAME_MISSING"),
    ],
)
def test_a_bad_provider_is_refused(load: Callable, cell: dict[str, str], code: str) -> None:
    good = DOCTOR | {"inpe": "091000025"}
    with pytest.raises(LinesRefused) as refusal:
        load(good, DOCTOR | cell)
    assert [(n.line, n.code) for n in refusal.value.report.refused] == [(3, code)]
    assert not Provider.objects.exists()


def test_the_columns_are_those_of_the_page() -> None:
    assert tuple(DOCTOR) == REGISTER_COLUMNS


PLACES = ["code", "kind", "name_fr", "name_ar", "parent", "latitude", "longitude", "source"]


def test_a_place_lies_where_its_list_says(write_csv, edition) -> None:
    region = ["MA-04", "REGION", "Rabat-Salé-Kénitra", "", "", "", "", "t"]
    path = write_csv(PLACES, region)
    assert load_list(territory(), path, edition("2020-01-01"), Options()).new == 1
    town = ["MA-RAB", "PROVINCE", "Rabat", "", "MA-04", "34.02", "-6.84", "t"]
    path = write_csv(PLACES, town)
    assert load_list(territory(), path, edition("2020-01-01"), Options()).new == 1
    assert load_list(territory(), path, edition("2020-01-01"), Options()).unchanged == 1
    assert list(Territory.objects.order_by("code").values_list("latitude", "longitude")) == [
        (None, None),
        (Decimal("34.02"), Decimal("-6.84")),
    ]


@pytest.mark.parametrize("place", [("91", "0"), ("34.02", ""), ("nan", "0"), ("34", "à l’ouest")])
def test_a_place_off_the_earth_is_refused(write_csv, edition, place: tuple[str, str]) -> None:
    path = write_csv(PLACES, ["MA-04", "REGION", "Rabat", "", "", *place, "t"])
    with pytest.raises(LinesRefused) as refusal:
        load_list(territory(), path, edition("2020-01-01"), Options())
    assert [each.code for each in refusal.value.report.refused] == ["NOT_DEGREES"]
    assert not Territory.objects.exists()


def test_the_territory_of_the_public_files(shared: Path, edition) -> None:
    folder = shared / "territoire"
    regions, provinces = folder / "regions.csv", folder / "provinces_prefectures.csv"
    steps = [
        (territory(), regions, 12),
        (territory(regions), provinces, 64),
        (territory(), folder / "prefectures_provinces_75.csv", 14),
        (territory(provinces), folder / "communes.csv", 881),
    ]
    for published, path, new in steps:
        report = load_list(published, path, edition("2015-02-20"))
        assert (report.refused, report.changed, report.new) == ([], 0, new)
        again = load_list(published, path, edition("2015-02-20"))
        assert (again.new, again.changed, again.ended) == (0, 0, 0)
    assert Territory.objects.filter(kind="REGION").count() == 12
    assert Territory.objects.get(code="DIV_002").name_ar == "الحوز"


def test_a_region_known_by_its_name_keeps_its_code(load: Callable, write_csv, edition) -> None:
    path = write_csv(["region_id", "nom_fr", "nom_ar"], ["R2", "Casablanca – Settat", "الدار"])
    report = load_list(territory(), path, edition("2026-01-01"))
    assert (report.new, report.changed) == (0, 1)
    region = Territory.objects.get()
    assert (region.code, region.name_fr, region.name_ar) == ("MA-06", "Casablanca-Settat", "الدار")


def test_a_province_of_no_known_region_is_refused(write_csv, edition) -> None:
    path = write_csv(["province", "type", "region"], ["Azilal", "province", "Atlantide"])
    with pytest.raises(LinesRefused) as refusal:
        load_list(territory(), path, edition("2026-01-01"))
    assert [(n.line, n.code, n.text) for n in refusal.value.report.refused] == [
        (2, "UNKNOWN_PARENT", "« Atlantide » ne désigne pas un seul territoire connu")
    ]
