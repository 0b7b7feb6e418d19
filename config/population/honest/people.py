"""Insured persons: families, ages, illnesses, rights, deaths of the year."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from config.population.honest.calendar import DAYS, NONE, Floats, Ints
from config.population.honest.places import Places

SCHEMES: Final = ("SALARIED", "TNS", "TADAMON", "ACHAMIL", "PENSION")
_SCHEME_ODDS = (0.34, 0.16, 0.40, 0.03, 0.07)
_FAMILY_ODDS = (0.22, 0.18, 0.20, 0.20, 0.13, 0.07)  # of one to six persons
_TWINS = 0.02  # of families with two children
_LOSING_RIGHTS = 0.02
# Treatment, illness as the CNSS codes it, prevalence before 40, before 60 and after.
CHRONIC_ILLS: Final = (
    ("DIABETES", "E11", (0.01, 0.10, 0.20)),
    ("HYPERTENSION", "I10", (0.01, 0.12, 0.30)),
    ("HEART", "I20", (0.002, 0.03, 0.10)),
    ("ASTHMA", "J45", (0.03, 0.03, 0.04)),
    ("THYROID", "", (0.01, 0.03, 0.04)),
    ("MIND", "F32", (0.006, 0.012, 0.012)),
    ("EPILEPSY", "G40", (0.004, 0.004, 0.004)),
    ("GLAUCOMA", "H40", (0.001, 0.01, 0.05)),
)
CANCERS: Final = ("C18", "C34", "C50", "C53", "C61", "C67", "C73", "C83")
KIDNEY: Final = "N18.5"
_CANCER = (0.0008, 0.004, 0.012)
_KIDNEY = (0.0003, 0.001, 0.002)
_DEATHS = (0.0008, 0.004, 0.03)  # in the year


@dataclass(slots=True)
class Members:
    """Insured persons by position; days count from the first of the year, births before it."""

    family: Ints
    female: Ints
    age: Ints
    birth: Ints
    death: Ints
    place: Ints
    latitude: Floats
    longitude: Floats
    scheme: Ints
    rights_from: Ints
    rights_until: Ints
    treatments: Ints
    cancer: Ints
    kidney: Ints
    busy: Floats

    def __len__(self) -> int:
        return len(self.family)

    def illnesses(self, at: int) -> str:
        """The long illnesses of one person, as the CNSS codes them."""
        treated = self.treatments[at]
        codes = [
            ill for bit, (_, ill, _odds) in enumerate(CHRONIC_ILLS) if ill and treated >> bit & 1
        ]
        if self.cancer[at] >= 0:
            codes.append(CANCERS[self.cancer[at]])
        if self.kidney[at]:
            codes.append(KIDNEY)
        return ";".join(codes)


def make_members(count: int, places: Places, rng: np.random.Generator) -> Members:
    """Families until there are `count` persons; chronic, old and young ones see more doctors."""
    sizes = rng.choice(np.arange(1, 7), size=count, p=_FAMILY_ODDS)
    family = np.repeat(np.arange(count), sizes)[:count]
    starts = np.flatnonzero(np.diff(family, prepend=-1))
    rank = np.arange(count) - np.repeat(starts, np.diff(np.append(starts, count)))
    households = int(family[-1]) + 1
    age, birth = _births(family, rank, households, rng)
    home = rng.choice(len(places), size=households, p=places.people / places.people.sum())[family]
    latitude, longitude = places.scatter(home, rng)
    band = np.digitize(age, (40, 60))
    treatments = np.zeros(count, dtype=np.int64)
    for bit, (_, _, odds) in enumerate(CHRONIC_ILLS):
        treatments |= (rng.random(count) < np.array(odds)[band]).astype(np.int64) << bit
    cancer = np.where(
        rng.random(count) < np.array(_CANCER)[band], rng.integers(0, len(CANCERS), count), -1
    )
    dying = rng.random(count) < np.array(_DEATHS)[band]
    losing = rng.random(households) < _LOSING_RIGHTS
    ends = np.where(losing, rng.integers(60, DAYS, households), NONE)
    need = np.array([1.0, 0.9, 1.6])[band] * np.where(age < 6, 1.8, 1.0)
    need = need * np.where(treatments > 0, 1.3, 1.0) * rng.gamma(2.0, 0.5, count)
    return Members(
        family=family,
        female=np.where(rank == 1, 1, np.where(rank == 0, 0, rng.integers(0, 2, count))),
        age=age,
        birth=birth,
        death=np.where(dying, rng.integers(10, DAYS - 20, count), NONE),
        place=home,
        latitude=latitude,
        longitude=longitude,
        scheme=rng.choice(len(SCHEMES), size=households, p=_SCHEME_ODDS)[family],
        rights_from=-rng.integers(30, 3_000, households)[family],
        rights_until=ends[family],
        treatments=treatments,
        cancer=cancer,
        kidney=(rng.random(count) < np.array(_KIDNEY)[band]).astype(np.int64),
        busy=need,
    )


def _births(
    family: Ints, rank: Ints, households: int, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Ages in years and days of birth: the holder, a spouse, children younger; some are twins."""
    holder = np.clip(rng.normal(46, 15, households), 21, 92)[family]
    spouse = np.clip(holder + rng.normal(-4, 5, len(family)), 19, 92)
    child = np.clip(rng.uniform(0, 24, len(family)), 0, np.maximum(holder - 19, 0))
    age = np.where(rank == 0, holder, np.where(rank == 1, spouse, child))
    birth = -(age * 365.25).astype(np.int64) - 1
    twins = np.flatnonzero((rank == 3) & (rng.random(len(family)) < _TWINS / 0.2))
    birth[twins] = birth[twins - 1]
    return -birth // 365, birth
