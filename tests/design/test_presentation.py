"""How amounts, rates, days, numbers and doses are written."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from core.templatetags import waraqa


@pytest.fixture
def arabic() -> Iterator[None]:
    with translation.override("ar"):
        yield


@pytest.fixture
def french() -> Iterator[None]:
    with translation.override("fr"):
        yield


@pytest.mark.parametrize(
    ("centimes", "written"),
    [(0, "0,00"), (5, "0,05"), (149_625, "1\u202f496,25"), (-3600, "\u221236,00"), (None, "")],
)
def test_dirhams_are_written_with_a_comma_and_narrow_spaces(
    centimes: int | None, written: str
) -> None:
    assert waraqa.dirhams(centimes) == written


def test_percent_is_spaced_in_french(french: None) -> None:
    assert waraqa.percent(7750) == '<bdi dir="ltr">77,5\u202f%</bdi>'


def test_percent_is_joined_in_arabic(arabic: None) -> None:
    assert waraqa.percent(9000) == '<bdi dir="ltr">90%</bdi>'


@pytest.mark.parametrize(("form", "words"), [("long", "1er novembre 2026"), ("short", "1er nov.")])
def test_day_is_written_in_french_words(french: None, form: str, words: str) -> None:
    assert words in waraqa.day(date(2026, 11, 1), form)


def test_day_uses_moroccan_month_names(arabic: None) -> None:
    assert ">26 نونبر 2026<" in waraqa.day(date(2026, 11, 26), "long")
    assert ">5 غشت<" in waraqa.day(date(2026, 8, 5), "short")


def test_day_of_an_instant_is_the_day_in_casablanca(french: None) -> None:
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)

    assert "02/07/2026" in waraqa.day(late)


def test_long_numbers_are_grouped_by_four() -> None:
    assert waraqa.grouped("261144709385") == "2611 4470 9385"
    assert waraqa.grouped("2611 44709385K") == "2611 4470 9385 K"


@pytest.mark.parametrize(
    ("name", "letters"), [("Hanane Lamrini", "HL"), ("Dr. Salma Benyahia", "SB"), ("", "")]
)
def test_initials_are_first_and_last_letters(name: str, letters: str) -> None:
    assert waraqa.initials(name) == letters


def test_arabic_initials_stand_apart() -> None:
    assert waraqa.initials("زينب أملال") == "ز أ"


def test_dose_is_labelled_cell_by_cell(french: None) -> None:
    cells = waraqa.dose_cells("1-0-½")

    assert [(cell["label"], cell["quantity"]) for cell in cells] == [
        ("matin", "1"),
        ("midi", "0"),
        ("soir", "½"),
    ]


def test_waterfall_places_what_is_taken_at_the_end_of_what_was_left() -> None:
    rows = waraqa.waterfall(
        [
            {"label": "paid", "centimes": 36_800, "kind": "in"},
            {"label": "not covered", "centimes": 1_800, "kind": "out"},
            {"label": "above", "centimes": 15_000, "kind": "out"},
            {"label": "base", "centimes": 20_000, "kind": "in"},
            {"label": "share", "centimes": 3_600, "kind": "out"},
            {"label": "back", "centimes": 16_400, "kind": "got"},
        ]
    )

    assert [(row["x"], row["width"]) for row in rows] == [
        (0, 1000),
        (951, 48),
        (543, 407),
        (0, 543),
        (445, 97),
        (0, 445),
    ]
    assert [row["signed"] for row in rows] == [36_800, -1_800, -15_000, 20_000, -3_600, 16_400]


def test_waterfall_of_nothing_paid_draws_nothing() -> None:
    assert waraqa.waterfall([{"label": "paid", "centimes": 0, "kind": "in"}])[0]["width"] == 0
