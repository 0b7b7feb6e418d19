"""Periods are half-open; months and birthdays fall where the law says."""

from datetime import date

import pytest

from core.periods import (
    Period,
    add_days,
    add_months,
    counts_in_window,
    has_reached_age,
    lies_in_any,
)

JANUARY = Period(date(2026, 1, 1), date(2026, 2, 1))
LAST_DAY_OF_ALL = date.max


@pytest.mark.parametrize(
    ("day", "inside"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 1, 31), True),
        (date(2026, 2, 1), False),
    ],
)
def test_a_period_holds_its_first_day_and_not_its_end(day, inside):
    assert JANUARY.contains(day) is inside
    assert lies_in_any(day, (JANUARY,)) is inside


def test_an_open_period_has_no_last_day():
    period = Period(date(2026, 1, 1))

    assert period.contains(LAST_DAY_OF_ALL)
    assert period.last_day is None


def test_people_read_the_last_day_included():
    assert JANUARY.last_day == date(2026, 1, 31)


def test_an_inverted_period_holds_no_day():
    inverted = Period(date(2026, 2, 1), date(2026, 1, 1))

    assert not inverted.contains(date(2026, 1, 15))
    assert not inverted.overlaps(Period(date(2025, 1, 1)))


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        (Period(date(2026, 2, 1)), False),
        (Period(date(2026, 1, 31)), True),
        (Period(date(2025, 1, 1), date(2026, 1, 1)), False),
        (Period(date(2025, 1, 1), date(2026, 1, 2)), True),
    ],
)
def test_periods_overlap_when_they_share_a_day(other, shared):
    assert JANUARY.overlaps(other) is shared
    assert other.overlaps(JANUARY) is shared


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 10), 2, date(2026, 3, 10)),
        (date(2025, 12, 31), 2, date(2026, 2, 28)),
        (date(2023, 12, 31), 2, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 12, 1), 1, date(2026, 1, 1)),
        (date(9999, 12, 1), 2, LAST_DAY_OF_ALL),
    ],
)
def test_months_keep_the_day_number_or_take_the_last_day(day, months, expected):
    assert add_months(day, months) == expected


def test_days_stop_at_the_end_of_the_calendar():
    assert add_days(date(2026, 2, 20), 60) == date(2026, 4, 21)
    assert add_days(date(9999, 12, 30), 60) == LAST_DAY_OF_ALL


@pytest.mark.parametrize(
    ("event", "day", "counts"),
    [
        (date(2024, 3, 10), date(2026, 3, 10), False),
        (date(2024, 3, 11), date(2026, 3, 10), True),
        (date(2026, 3, 10), date(2026, 3, 10), True),
        (date(2026, 3, 11), date(2026, 3, 10), False),
        (date(2024, 2, 29), date(2026, 2, 28), False),
        (date(2024, 2, 29), date(2026, 2, 27), True),
        (date(9999, 1, 1), LAST_DAY_OF_ALL, True),
    ],
)
def test_a_window_of_two_years_ends_on_its_day(event, day, counts):
    assert counts_in_window(event, 24, day) is counts


@pytest.mark.parametrize(
    ("birth", "day", "reached"),
    [
        (date(2005, 3, 10), date(2026, 3, 9), False),
        (date(2005, 3, 10), date(2026, 3, 10), True),
        (date(2004, 2, 29), date(2025, 2, 28), False),
        (date(2004, 2, 29), date(2025, 3, 1), True),
        (date(9990, 1, 1), LAST_DAY_OF_ALL, False),
    ],
)
def test_an_age_is_reached_on_the_birthday(birth, day, reached):
    assert has_reached_age(birth, 21, day) is reached
