"""A country that lives one year: its places, people and professionals, and the book of what happened."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from config.population.book import Book
from config.population.honest.calendar import MINUTES, Floats, Ints, draw_days, seasons
from config.population.honest.people import Members, make_members
from config.population.honest.places import Places, read_places
from config.population.honest.professionals import Providers, make_providers
from config.population.honest.sources import Items, read_items

REGIONS = 12
_EPIDEMICS = 3
_FIRST_HOUR, _LAST_HOUR = 9, 18


@dataclass(slots=True)
class Country:
    """What every maker of care needs. `oddities` are honest things that look like schemes."""

    rng: np.random.Generator
    items: Items
    places: Places
    members: Members
    providers: Providers
    season: Floats
    region: Ints
    usual_gp: Ints
    usual_pharmacy: Ints
    book: Book = field(default_factory=Book)
    oddities: list[tuple[str, int, int, int]] = field(default_factory=list)

    def busy_members(self, count: int, among: Ints | None = None) -> Ints:
        """Persons drawn by how often they see doctors."""
        who = np.arange(len(self.members)) if among is None else among
        weight = self.members.busy[who]
        return who[self.rng.choice(len(who), size=count, p=weight / weight.sum())]

    def days_for(self, members: Ints) -> Ints:
        """A day of the year for each, by the season of their region."""
        return draw_days(self.season, self.region[self.members.place[members]], self.rng)

    def hours(self, days: Ints, first: int = _FIRST_HOUR, last: int = _LAST_HOUR) -> Ints:
        """An instant of opening hours for each day."""
        return days * MINUTES + self.rng.integers(first * 60, last * 60, len(days))

    def submitted(self, at: Ints) -> Ints:
        """When a claim arrives: within the evening for most, a few days later for some."""
        late = self.rng.random(len(at)) < 0.1
        delay = np.where(
            late,
            self.rng.integers(MINUTES, 10 * MINUTES, len(at)),
            self.rng.integers(5, 240, len(at)),
        )
        return at + delay

    def fee(self, providers: Ints, item: Ints) -> Ints:
        """What each charges for an act, in centimes: the tariff and the habit, rounded to ten dirhams."""
        raw = self.items.price[item] * self.providers.fee[providers] // 10_000
        dear = self.providers.fee[providers] > 10_000
        return np.where(dear, np.maximum(1, (raw + 500) // 1_000) * 1_000, raw)

    def odd(self, name: str, *, provider: int = -1, member: int = -1, claim: int = -1) -> None:
        """Note an honest thing that looks like a scheme."""
        self.oddities.append((name, int(provider), int(member), int(claim)))


def make_country(members: int, providers: int, seed: int, tell: Callable[[str], None]) -> Country:
    """Places, people and professionals, before the first consultation."""
    rng = np.random.default_rng(seed)
    items, places = read_items(), read_places(rng)
    tell(f"{len(places)} places")
    people = make_members(members, places, rng)
    tell(f"{members} members in {int(people.family[-1]) + 1} families")
    offer = make_providers(providers, places, items, rng)
    tell(f"{providers} providers")
    region = np.unique(places.region, return_inverse=True)[1].astype(np.int64)
    epidemics = rng.choice(REGIONS, size=_EPIDEMICS, replace=False)
    return Country(
        rng=rng,
        items=items,
        places=places,
        members=people,
        providers=offer,
        season=seasons(REGIONS, epidemics, rng),
        region=region,
        usual_gp=offer.supplies["GENERAL_PRACTITIONER"].choose(people.place, rng),
        usual_pharmacy=offer.supplies["PHARMACY"].choose(people.place, rng),
    )
