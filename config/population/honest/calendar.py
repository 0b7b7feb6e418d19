"""The year a population lives: its days, seasons, weeks and closing days. Instants are minutes of it."""

from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import yaml
from django.conf import settings

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FIRST_DAY: Final = date(2025, 1, 1)
DAYS: Final = 365
MINUTES: Final = 1_440  # of one day
NONE: Final = -1_000_000_000  # an instant, a day or a number that is not there
OFFSET: Final = "+01:00"  # Morocco's clock, summer and winter

# January first: colds and flu in winter, holidays in August.
_SEASON = (1.35, 1.30, 1.05, 0.95, 0.95, 0.90, 0.80, 0.70, 0.95, 1.05, 1.10, 1.25)
_WEEK = (1.20, 1.05, 1.00, 1.00, 0.85, 0.55, 0.05)  # Monday first
_HOLIDAY = 0.1
_EPIDEMIC_WEEKS = 5


def days() -> npt.NDArray[np.datetime64]:
    """Every day of the year."""
    return np.datetime64(FIRST_DAY) + np.arange(DAYS)


def weekdays() -> Ints:
    """Monday 0 to Sunday 6, of every day."""
    return (np.arange(DAYS) + FIRST_DAY.weekday()) % 7


def months() -> Ints:
    """January 0 to December 11, of every day."""
    return days().astype("datetime64[M]").astype(np.int64) % 12


def holidays() -> Ints:
    """The numbers of the closing days that fall on the same date every year."""
    path = settings.BASE_DIR / "fixtures" / "reference" / "public_holidays.yaml"
    fixed = yaml.safe_load(path.read_text())["fixed"]
    dates = [date.fromisoformat(f"{FIRST_DAY.year}-{each['day']}") for each in fixed]
    return np.array(sorted((day - FIRST_DAY).days for day in dates), dtype=np.int64)


def working() -> Floats:
    """How much practices work on each day, without season."""
    weight = np.array(_WEEK)[weekdays()]
    weight[holidays()] *= _HOLIDAY
    return weight


def seasons(regions: int, epidemics: Ints, rng: np.random.Generator) -> Floats:
    """A weight by region and day: the season, and one flu epidemic in each region of `epidemics`."""
    weight = np.tile(working() * np.array(_SEASON)[months()], (regions, 1))
    for region in epidemics:
        start = int(rng.integers(5, 50))
        weight[region, start : start + 7 * _EPIDEMIC_WEEKS] *= 2.2
    return weight


def draw_days(weights: Floats, rows: Ints, rng: np.random.Generator) -> Ints:
    """One day for each element, by the weights of its row."""
    return draw_columns(weights, rows, rng)


def draw_columns(weights: Floats, rows: Ints, rng: np.random.Generator) -> Ints:
    """One column for each element, with the odds of the row it names (every row has some weight)."""
    odds = np.cumsum(weights, axis=1)
    odds = odds / odds[:, -1:] + np.arange(len(weights))[:, None]
    at = np.searchsorted(odds.ravel(), rows + rng.random(len(rows)), side="right")
    return np.minimum(at - rows * weights.shape[1], weights.shape[1] - 1)
