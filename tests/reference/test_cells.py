"""Cells become exact values, or say why not."""

from datetime import date

import pytest
from django.utils import translation

from core.imports import cells
from core.imports.cells import CellError

MOST = 100_000_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("25.10", 2510),
        ("25.1", 2510),
        ("25,10", 2510),
        ("95", 9500),
        ("1 234.50", 123_450),
        ("0.00", 0),
        ("", 0),
        ("25.1000", 2510),
    ],
)
def test_amounts_are_exact(text: str, expected: int) -> None:
    assert cells.centimes(text, MOST, "PPV") == expected


@pytest.mark.parametrize(
    "text", ["douze", "-3.00", "1e3", "12.345", "٢٥", "1.2.3", "NaN", "+4", ".5", "5."]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(CellError) as refusal, translation.override("fr"):
        cells.centimes(text, MOST, "PPV")
    assert refusal.value.code == "NOT_A_NUMBER"
    assert refusal.value.text == (
        f"PPV : « {text} » n’est pas un nombre positif d’au plus 2 décimales"
    )


def test_an_amount_beyond_every_price_is_refused() -> None:
    with pytest.raises(CellError) as refusal:
        cells.centimes("1000000000000", MOST, "PPV")
    assert refusal.value.code == "AMOUNT_IMPLAUSIBLE"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, 7000) for text in ("70%", "70 %", "70", "70.0", "0.7", "0,7", "0.70")),
        *((text, 0) for text in ("0%", "0", "0.0")),
        *((text, 10_000) for text in ("100%", "100", "1")),
        ("77.5%", 7750),
    ],
)
def test_rates_in_every_writing(text: str, expected: int) -> None:
    assert cells.basis_points(text, "TAUX") == expected


@pytest.mark.parametrize("text", ["101%", "700", "70.005"])
def test_a_rate_above_one_or_too_fine_is_refused(text: str) -> None:
    with pytest.raises(CellError) as refusal:
        cells.basis_points(text, "TAUX")
    assert refusal.value.code == "NOT_A_RATE"


def test_days_and_flags() -> None:
    assert cells.day("2026-11-22", "d") == date(2026, 11, 22)
    assert cells.day("2026-11-22 00:00:00", "d") == date(2026, 11, 22)
    assert cells.flag("Oui", "f") is True
    assert cells.flag("0", "f") is False


@pytest.mark.parametrize(
    ("parse", "text", "code"),
    [
        (cells.day, "22/11/2026", "NOT_A_DAY"),
        (cells.day, "2026-02-30", "NOT_A_DAY"),
        (cells.flag, "peut-être", "NOT_A_FLAG"),
    ],
)
def test_bad_days_and_flags(parse, text: str, code: str) -> None:
    with pytest.raises(CellError) as refusal:
        parse(text, "colonne")
    assert refusal.value.code == code
