"""What every scheme needs: someone who does it, patients, a strength, and the labels it leaves."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from config.population.honest.calendar import DAYS, Ints
from config.population.honest.consulting import sign
from config.population.honest.country import Country
from config.population.honest.dispensing import sell

STRENGTHS = 3
DROPPED = -1  # a claim of the book that is taken out when the population is closed


@dataclass(slots=True)
class Court:
    """The labels of a country: scheme, instance, claim, line, provider, member; -1 where empty."""

    c: Country
    dealers: Ints
    labels: list[tuple[str, str, int, int, int, int]] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Crime:
    """One instance of a scheme: weak, middling or strong."""

    court: Court
    scheme: str
    instance: str
    strength: int

    @property
    def c(self) -> Country:
        """The country it happens in."""
        return self.court.c

    @property
    def rng(self) -> np.random.Generator:
        """The dice of the country."""
        return self.court.c.rng

    def pick(self, weak: float, middling: float, strong: float) -> Any:
        """The value for the strength of this instance."""
        return (weak, middling, strong)[self.strength]

    def start(self, length: int) -> int:
        """A first day that leaves `length` days and a month before the year ends."""
        return int(self.rng.integers(20, max(21, DAYS - 30 - length)))

    def culprit(self, *kinds: int, least: int = 20) -> int:
        """A professional of these kinds who does nothing else here, with some honest activity."""
        claims = self.c.book.table("claims")
        volume = np.bincount(claims["provider"], minlength=len(self.c.providers))
        able = np.concatenate([self.c.providers.settled(kind) for kind in kinds])
        able = np.array([each for each in able if each not in self.court.taken])
        busy = able[volume[able] >= least]
        if not len(busy):
            busy = able[np.argsort(volume[able])[-3:]]
        who = int(self.rng.choice(busy))
        self.take(who)
        return who

    def take(self, who: int) -> None:
        """Nobody works for two schemes: what is found could not be told apart."""
        self.court.taken.add(who)

    def alive(self) -> Ints:
        """Persons alive and covered all year."""
        people = self.c.members
        return np.flatnonzero((people.death < 0) & (people.rights_until < 0))

    def around(self, who: int, count: int, among: Ints | None = None, km: float = 15.0) -> Ints:
        """Different persons, mostly near a professional."""
        people = self.alive() if among is None or len(among) < count else among
        home = self.c.members.place[people]
        odds = np.exp(-self.c.places.kilometres[self.c.providers.place[who]][home] / km) + 1e-7
        count = min(count, len(people))
        return people[self.rng.choice(len(people), count, replace=False, p=odds / odds.sum())]

    def patients(self, who: int) -> Ints:
        """Persons alive whom a professional has really seen."""
        claims = self.c.book.table("claims")
        return np.intersect1d(claims["member"][claims["provider"] == who], self.alive())

    def bill(
        self,
        who: Any,
        members: Any,
        at: Ints,
        acts: Any,
        *,
        timed: float = 0.9,
        charged: Any = None,
    ) -> Ints:
        """One claim of one act each, labelled; `charged` is the usual fee unless given."""
        provider = np.broadcast_to(np.asarray(who), at.shape)
        item = np.broadcast_to(np.asarray(acts), at.shape)
        claim = self.c.book.claim(
            provider=provider,
            member=members,
            submitted_at=self.c.submitted(at),
            sheet=self.c.book.new_sheets(len(at)),
            kept=1,
        )
        self.c.book.charge(
            claim=claim,
            line=1,
            item=item,
            charged=self.c.fee(provider, item) if charged is None else charged,
            at=at,
            timed=self.rng.random(len(at)) < timed,
        )
        self.label(claim, provider=provider, member=members)
        return claim

    def forge(self, doctor: Any, members: Any, signed_at: Ints, drugs: Any, pharmacy: Any) -> Ints:
        """A prescription of one medicine each and its collection an hour later; labelled."""
        shape = signed_at.shape
        papers = sign(
            self.c,
            np.broadcast_to(np.asarray(doctor), shape),
            np.broadcast_to(np.asarray(members), shape),
            signed_at,
            self.c.book.new_sheets(len(signed_at)),
            np.broadcast_to(np.asarray(drugs), shape),
        )
        shop = np.broadcast_to(np.asarray(pharmacy), shape)
        return sell(self.c, papers, shop, signed_at + self.rng.integers(30, 120, shape))

    def label(self, claims: Any, line: Any = 1, provider: Any = -1, member: Any = -1) -> None:
        """Say which lines belong to this instance, and who is guilty."""
        columns = np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(each)) for each in (claims, line, provider, member))
        )
        rows = zip(*(column.tolist() for column in columns), strict=True)
        self.court.labels += [(self.scheme, self.instance, *row) for row in rows]

    def accuse(self, *, provider: int = -1, member: int = -1) -> None:
        """Name a guilty professional or person, without a line."""
        self.label(-1, -1, provider, member)

    def times(self, days: Ints, first: int = 9, last: int = 18) -> Ints:
        """Instants of these hours on each day."""
        return self.c.hours(days, first, last)

    def spread(self, count: int, first_day: int, length: int) -> Ints:
        """Instants of opening hours over a period, in order."""
        return np.sort(self.times(first_day + self.rng.integers(0, max(1, length), count)))


def on_different_days(members: Ints, first_day: int, rng: np.random.Generator) -> Ints:
    """A day for each so that nobody has two on one day."""
    rank = np.zeros(len(members), dtype=np.int64)
    seen: dict[int, int] = {}
    for at, member in enumerate(members.tolist()):
        rank[at] = seen.get(member, 0)
        seen[member] = rank[at] + 1
    return first_day + rank * 6 + rng.integers(0, 5, len(members))
