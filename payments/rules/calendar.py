"""Days of payment of a year, from the rules of the law: pure, calendar days only.

Source: docs/payments.md, "Calendar"; the figures are in legislation/payment_calendar.
"""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from datetime import date, timedelta

from payments.rules.postings import PayeeKind

SATURDAY = 5
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CalendarRules:
    """What the law says: weekdays of insured persons (Monday is 0), days of the month of providers,
    working days between the cut-off and the payment."""

    insured_weekdays: frozenset[int]
    provider_days: tuple[int, ...]
    cut_off_working_days: int


@dataclass(frozen=True, slots=True, order=True)
class PlannedDay:
    """One payment to a kind of payee, and the day whose cut-off hour closes the list."""

    day: date
    payees: PayeeKind
    cut_off_day: date


def is_working(day: date, holidays: Set[date]) -> bool:
    """Tell whether banks work that day: neither Saturday, Sunday nor a public holiday."""
    return day.weekday() < SATURDAY and day not in holidays


def next_working(day: date, holidays: Set[date]) -> date:
    """Return that day, or the first working day after it."""
    while not is_working(day, holidays):
        day += ONE_DAY
    return day


def working_days_before(day: date, count: int, holidays: Set[date]) -> date:
    """Return the working day that is `count` working days before another day."""
    while count:
        day -= ONE_DAY
        if is_working(day, holidays):
            count -= 1
    return day


def days_of_year(year: int, rules: CalendarRules, holidays: Set[date]) -> tuple[PlannedDay, ...]:
    """Return the payment days of a year, in order, one a day and kind at most.

    A day that is not worked moves to the next worked one, unless that is in the next year.
    """
    wanted = {
        (next_working(day, holidays), kind)
        for day, kind in (*_of_insured(year, rules), *_of_providers(year, rules))
    }
    return tuple(
        PlannedDay(day, kind, working_days_before(day, rules.cut_off_working_days, holidays))
        for day, kind in sorted(wanted)
        if day.year == year
    )


def _of_insured(year: int, rules: CalendarRules) -> Iterator[tuple[date, PayeeKind]]:
    for day in _each_day(year):
        if day.weekday() in rules.insured_weekdays:
            yield day, PayeeKind.INSURED


def _of_providers(year: int, rules: CalendarRules) -> Iterator[tuple[date, PayeeKind]]:
    for day in _each_day(year):
        if day.day in rules.provider_days:
            yield day, PayeeKind.PROVIDER


def _each_day(year: int) -> Iterable[date]:
    first = date(year, 1, 1)
    return (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))
