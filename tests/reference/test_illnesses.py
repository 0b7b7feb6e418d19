"""The list of long illnesses, and grants that depend on it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from core.imports.loading import Options, load_list
from core.imports.report import LinesRefused
from insured.models import Illness
from insured.reference import ILLNESSES, TYPED_COLUMNS

pytestmark = pytest.mark.django_db

BREAST = {
    "code": "C50",
    "label": "Tumeur maligne du sein",
    "label_ar": "",
    "category": "ALC",
    "rate": "100%",
    "icd10": "C50",
    "documents": "",
    "duration_months": "60",
    "source": "typed",
}
DIABETES = BREAST | {"code": "E11", "label": "Diabète de type 2", "category": "ALD", "rate": ""}


@pytest.fixture
def load(write_csv, edition) -> Callable:
    def run(*illnesses: dict[str, str], day: str = "2006-01-01", **options):
        path = write_csv(TYPED_COLUMNS, *(list(each.values()) for each in illnesses))
        return load_list(ILLNESSES, path, edition(day), Options(**options))

    return run


def test_the_cnss_list_loads_whole_with_rates_to_be_confirmed(
    load: Callable, shared: Path, edition
) -> None:
    load(BREAST, DIABETES)
    path = shared / "ald_alc" / "cnss_ald_alc_2023.csv"
    report = load_list(ILLNESSES, path, edition("2023-01-01"))
    assert (report.lines, report.new, report.ended, report.refused) == (178, 178, 0, [])
    assert report.warnings_by_code() == {"NO_RATE": 178}
    diabetes = Illness.objects.get(code="H011")
    assert (diabetes.icd10, diabetes.duration_months, diabetes.rate_bp) == ("E11", 60, None)
    again = load_list(ILLNESSES, path, edition("2023-01-01"))
    assert (again.new, again.changed, again.ended, again.unchanged) == (0, 0, 0, 178)


def test_a_missing_rate_stays_unknown(load: Callable) -> None:
    report = load(BREAST, DIABETES)
    assert [(n.key, n.code) for n in report.warnings] == [("E11", "NO_RATE")]
    assert dict(Illness.objects.values_list("code", "rate_bp")) == {"C50": 10_000, "E11": None}


def test_a_rate_confirmed_later_opens_a_version(load: Callable) -> None:
    load(DIABETES)
    assert load(DIABETES | {"rate": "0.9"}, day="2026-01-01").changed == 1
    rates = Illness.objects.order_by("period").values_list("rate_bp", "period")
    assert [(rate, period.lower) for rate, period in rates] == [
        (None, date(2006, 1, 1)),
        (9000, date(2026, 1, 1)),
    ]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ({"rate": "120%"}, "NOT_A_RATE"),
        ({"category": "ALX"}, "NOT_A_CHOICE"),
        ({"duration_months": "1.5"}, "NOT_A_NUMBER"),
        ({"code": ""}, "CODE_MISSING"),
        ({"label": "x" * 251}, "TEXT_TOO_LONG"),
    ],
)
def test_a_bad_illness_is_refused(load: Callable, cell: dict[str, str], code: str) -> None:
    with pytest.raises(LinesRefused) as refusal:
        load(BREAST, DIABETES | cell)
    assert [(n.line, n.code) for n in refusal.value.report.refused] == [(3, code)]
    assert not Illness.objects.exists()
