"""Money: one rounding, strict reading, exact writing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import (
    display_dirhams,
    display_rate,
    format_dirhams,
    format_rate,
    parse_decimal,
    parse_dirhams,
    parse_rate,
    round_half_up,
)

CENTIMES = st.integers(min_value=0, max_value=10**15)


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        (0, 1, 0),
        (1, 2, 1),
        (1, 3, 0),
        (2, 3, 1),
        (49, 100, 0),
        (50, 100, 1),
        (151, 100, 2),
        (5, 1, 5),
    ],
)
def test_a_half_goes_up(numerator, denominator, expected):
    assert round_half_up(numerator, denominator) == expected


@pytest.mark.parametrize(("numerator", "denominator"), [(-1, 2), (1, 0), (1, -2)])
def test_rounding_refuses_negative_fractions(numerator, denominator):
    with pytest.raises(ValueError, match="cannot round"):
        round_half_up(numerator, denominator)


@given(CENTIMES, st.integers(min_value=1, max_value=10**6))
def test_rounding_is_never_off_by_more_than_a_half(numerator, denominator):
    difference = 2 * (round_half_up(numerator, denominator) * denominator - numerator)

    assert -denominator < difference <= denominator


@given(CENTIMES)
def test_dirhams_come_back_as_they_went(centimes):
    assert parse_dirhams(format_dirhams(centimes)) == centimes


@pytest.mark.parametrize(
    "text",
    [
        "5",
        "5.0",
        "5.000",
        "+5.00",
        "-5.00",
        " 5.00",
        "5.00\n",
        "5,00",
        ".50",
        "",
        "1e2",
        "١٢.٠٠",
        "٥.00",
    ],
)
def test_a_text_that_is_not_dirhams_is_refused(text):
    with pytest.raises(ValueError, match="not an amount in dirhams"):
        parse_dirhams(text)


@pytest.mark.parametrize("value", [5, 5.0, None, True, b"5.00"])
def test_a_value_that_is_not_text_is_no_amount(value):
    with pytest.raises(ValueError, match="not an amount in dirhams"):
        parse_dirhams(value)


def test_a_negative_amount_is_written_with_its_sign():
    assert format_dirhams(-5605) == "-56.05"


@pytest.mark.parametrize(
    ("centimes", "expected"),
    [(149625, "1\u202f496,25"), (5, "0,05"), (-123456789, "\u22121\u202f234\u202f567,89")],
)
def test_dirhams_are_displayed_for_people(centimes, expected):
    assert display_dirhams(centimes) == expected


@given(st.integers(min_value=0, max_value=10_000))
def test_a_rate_comes_back_as_it_went(basis_points):
    assert parse_rate(format_rate(basis_points)) == basis_points


@pytest.mark.parametrize(
    ("basis_points", "expected"),
    [
        (0, "0.00"),
        (7000, "0.70"),
        (7750, "0.775"),
        (7777, "0.7777"),
        (10_000, "1.00"),
        (9, "0.0009"),
    ],
)
def test_a_rate_has_two_decimals_more_when_needed(basis_points, expected):
    assert format_rate(basis_points) == expected


@pytest.mark.parametrize(
    "text", ["1.01", "1.0001", "2", "70%", "-0.10", "0,70", ".7", "0.77777", ""]
)
def test_a_text_that_is_not_a_rate_is_refused(text):
    with pytest.raises(ValueError, match=r"rate above 1|not a decimal|more than 4 decimals"):
        parse_rate(text)


@pytest.mark.parametrize(
    ("basis_points", "expected"),
    [(7000, "70\u202f%"), (7750, "77,5\u202f%"), (7701, "77,01\u202f%")],
)
def test_a_rate_is_displayed_as_a_percentage(basis_points, expected):
    assert display_rate(basis_points) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("1.5", 150), ("80", 8000), ("7.770", 777), ("0", 0)]
)
def test_a_decimal_is_read_in_its_smallest_unit(text, expected):
    assert parse_decimal(text, 2) == expected
