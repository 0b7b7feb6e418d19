"""Public holidays: our typed list, each day with its names and whether it is confirmed."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

HOLIDAYS = Path(settings.BASE_DIR, "fixtures", "reference", "public_holidays.yaml")


@dataclass(frozen=True, slots=True, order=True)
class Holiday:
    """One public holiday; a day that follows the moon is not confirmed before it is announced."""

    day: date
    name_fr: str
    name_ar: str
    is_confirmed: bool


class HolidaysUnknown(ValueError):
    """The list says nothing of the moon's days of a year: a calendar would pay on a holiday."""


@cache
def holidays_of(year: int, path: Path = HOLIDAYS) -> tuple[Holiday, ...]:
    """Return the public holidays of a year, in order.

    Raises HolidaysUnknown when the list has no day to be confirmed in that year, KeyError or ValueError
    when the file is not as expected.
    """
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    moving = [_holiday(row, row["day"], False) for row in content["to_be_confirmed"]]
    of_year = [each for each in moving if each.day.year == year]
    if not of_year:
        raise HolidaysUnknown(f"{path.name}: no day of {year} under 'to_be_confirmed'")
    fixed = [_holiday(row, f"{year}-{row['day']}", True) for row in content["fixed"]]
    return tuple(sorted([*fixed, *of_year]))


def _holiday(row: dict[str, Any], day: str, is_confirmed: bool) -> Holiday:
    return Holiday(date.fromisoformat(day), row["fr"], row["ar"], is_confirmed)
