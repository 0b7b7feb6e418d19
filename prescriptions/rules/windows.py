"""When a prescription, or each instance of a repeated one, may be dispensed. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Window:
    """The days of one instance: from the first included to the last excluded."""

    instance: int
    starts_on: date
    valid_until: date


def windows(
    written_on: date, starts_on: date | None, repeats: tuple[int, int] | None, *, validity_days: int
) -> list[Window]:
    """Return one window an instance; `repeats` is their count and the days from one to the next.

    Windows of one prescription never overlap: two instances are not dispensed the same day.
    """
    first = starts_on or written_on
    if repeats is None:
        return [Window(1, first, first + timedelta(days=validity_days))]
    count, every = repeats
    lasts = timedelta(days=min(every, validity_days))
    starts = [first + timedelta(days=every * place) for place in range(count)]
    return [Window(place, start, start + lasts) for place, start in enumerate(starts, 1)]
