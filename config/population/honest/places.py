"""Towns and the villages around them: where people live, and how far they go for care."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from config.population.honest.calendar import Floats, Ints, draw_columns
from config.population.honest.sources import read_list

VILLAGES: Final = 3  # around each town
_RURAL = 0.35  # part of a province that lives in them
_EARTH = 6_371.0  # kilometres
_FAR = 0.02  # part of care received anywhere in the country: holidays, family, work


@dataclass(frozen=True, slots=True)
class Places:
    """Towns first, then villages; `town` is the town a village belongs to."""

    region: list[str]
    latitude: Floats
    longitude: Floats
    people: Floats
    town: Ints
    is_village: Ints
    kilometres: Floats

    def __len__(self) -> int:
        return len(self.region)

    def scatter(self, at: Ints, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Coordinates a few kilometres around the places."""
        spread = np.where(self.is_village[at] == 1, 0.01, 0.02)
        return (
            np.round(self.latitude[at] + rng.normal(0, 1, len(at)) * spread, 5),
            np.round(self.longitude[at] + rng.normal(0, 1, len(at)) * spread, 5),
        )


def read_places(rng: np.random.Generator) -> Places:
    """The towns of the list, and villages drawn 10 to 35 km from each."""
    towns = read_list("towns")
    count = len(towns)
    of_town = np.concatenate([np.arange(count), np.repeat(np.arange(count), VILLAGES)])
    village = (np.arange(len(of_town)) >= count).astype(np.int64)
    angle, away = rng.uniform(0, 2 * np.pi, len(of_town)), rng.uniform(10, 35, len(of_town))
    latitude = towns["latitude"].astype(float).to_numpy()[of_town]
    longitude = towns["longitude"].astype(float).to_numpy()[of_town]
    latitude = latitude + village * away * np.sin(angle) / 111
    longitude = longitude + village * away * np.cos(angle) / 95
    share = np.where(village == 1, _RURAL / VILLAGES, 1 - _RURAL)
    people = towns["thousands"].astype(float).to_numpy()[of_town] * share
    regions = towns["region"].to_numpy()[of_town].tolist()
    return Places(
        region=regions,
        latitude=latitude,
        longitude=longitude,
        people=people,
        town=of_town,
        is_village=village,
        kilometres=_distances(latitude, longitude),
    )


def _distances(latitude: Floats, longitude: Floats) -> Floats:
    """Kilometres between every two places, on a sphere."""
    phi, lam = np.radians(latitude), np.radians(longitude)
    half = (
        np.sin((phi[:, None] - phi) / 2) ** 2
        + np.cos(phi[:, None]) * np.cos(phi) * np.sin((lam[:, None] - lam) / 2) ** 2
    )
    return 2 * _EARTH * np.arcsin(np.sqrt(np.clip(half, 0, 1)))


@dataclass(frozen=True, slots=True)
class Supply:
    """The professionals of one kind, where they are, and how much each attracts."""

    who: Ints
    place: Ints
    pull: Floats
    reach: Floats

    def choose(self, home: Ints, rng: np.random.Generator) -> Ints:
        """A professional for each home: a place by distance and supply, then one of those there."""
        places = draw_columns(self.reach, home, rng)
        return self.choose_in(places, rng)

    def choose_in(self, places: Ints, rng: np.random.Generator) -> Ints:
        """A professional working in each place, which must have some."""
        total = np.concatenate([[0.0], np.cumsum(self.pull)])
        first = np.searchsorted(self.place, places, side="left")
        last = np.searchsorted(self.place, places, side="right")
        mark = total[first] + rng.random(len(places)) * (total[last] - total[first])
        at = np.searchsorted(total, mark, side="right") - 1
        return self.who[np.clip(at, first, last - 1)]


def supply(who: Ints, place: Ints, pull: Floats, places: Places, reach_km: float) -> Supply:
    """Make the supply of one kind; people go further than `reach_km` in one case out of e."""
    order = np.argsort(place, kind="stable")
    capacity = np.bincount(place, weights=pull, minlength=len(places))
    near = np.exp(-places.kilometres / reach_km) * capacity
    near /= np.maximum(near.sum(axis=1, keepdims=True), 1e-300)
    reach = (1 - _FAR) * near + _FAR * capacity / capacity.sum()
    return Supply(who[order], place[order], pull[order], reach)
