"""Days and periods: half-open ``[start, end)``, months, anniversaries.

Source: docs/adjudication.md, "Quantities" and "The steps". Nothing here reads the clock.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS_PER_YEAR = 12
SHORTEST_MONTH = 28


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``start`` included to ``end`` excluded; no end means open.

    A period whose end is not after its start contains no day.
    """

    start: date
    end: date | None = None

    def contains(self, day: date) -> bool:
        """Whether the day lies in the period."""
        return self.start <= day and (self.end is None or day < self.end)

    def overlaps(self, other: "Period") -> bool:
        """Whether the two periods share at least one day."""
        start = max(self.start, other.start)
        return self.contains(start) and other.contains(start)

    @property
    def last_day(self) -> date | None:
        """Last day included, as people read it; None when the period is open."""
        return None if self.end is None else self.end - timedelta(days=1)


def lies_in_any(day: date, periods: tuple[Period, ...]) -> bool:
    """Whether the day lies in one of the periods."""
    for period in periods:  # noqa: SIM110  a third of the time of `any`, twice a line
        if period.start <= day and (period.end is None or day < period.end):
            return True
    return False


def add_months(day: date, months: int) -> date:
    """Same day number so many months later, or the month's last day when it is shorter.

    Beyond the calendar the answer is its last day, 9999-12-31.
    """
    year, month, number = _months_later(day, months)
    return date.max if year > date.max.year else date(year, month, number)


def add_days(day: date, days: int) -> date:
    """The day so many days later; beyond the calendar, its last day."""
    return day + timedelta(days=min(days, (date.max - day).days))


def counts_in_window(event: date, months: int, day: date) -> bool:
    """Whether an event lies in the window of so many months that ends on ``day``, included.

    The window is ``(day - months, day]``: the event counts while the day that comes ``months``
    months after it is still ahead.
    """
    return event <= day and _months_later(event, months) > (day.year, day.month, day.day)


def has_reached_age(birth_date: date, years: int, day: date) -> bool:
    """Whether the person is ``years`` old on ``day``, the birthday included.

    Born on 29 February, the birthday is 1 March in common years: 28 February does not reach it.
    """
    birthday = (birth_date.year + years, birth_date.month, birth_date.day)
    return (day.year, day.month, day.day) >= birthday


def _months_later(day: date, months: int) -> tuple[int, int, int]:
    """Year, month and day number, even past the last year a date can hold."""
    years, month = divmod(day.month - 1 + months, MONTHS_PER_YEAR)
    year = day.year + years
    number = day.day
    if number > SHORTEST_MONTH:
        number = min(number, calendar.monthrange(year, month + 1)[1])
    return year, month + 1, number
