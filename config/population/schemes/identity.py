"""People who are not who the card says: rings that share lent members, lent cards, the dead."""

import numpy as np

from config.population.honest.calendar import DAYS, MINUTES, NONE, Ints
from config.population.honest.professionals import (
    CLINIC,
    DENTIST,
    GP,
    LABORATORY,
    PHARMACY,
    RADIOLOGY,
    SPECIALIST,
)
from config.population.schemes.crime import DROPPED, Crime

_KINDS = (GP, SPECIALIST, SPECIALIST, DENTIST, LABORATORY, RADIOLOGY)


def ring(x: Crime) -> None:
    """Professionals of one region bill the same lent members, each a good part of them."""
    first = x.culprit(GP, SPECIALIST)
    size = x.pick(8, 10, 12)
    crew = [first, *_region_mates(x, first, size - 1)]
    members = x.around(first, x.pick(30, 32, 36), km=60)
    length = 150
    start = x.start(length)
    for who in crew:
        some = members[x.rng.random(len(members)) < x.pick(0.30, 0.36, 0.42)]
        at = x.times(start + x.rng.integers(0, length, len(some)))
        x.bill(who, some, at, _act(x, who, len(some)))
        x.accuse(provider=who)


def _region_mates(x: Crime, first: int, count: int) -> Ints:
    """Professionals of several kinds within reach of the first, none of them taken."""
    able = np.concatenate([x.c.providers.settled(kind) for kind in sorted(set(_KINDS))])
    able = np.array([each for each in able if each not in x.court.taken])
    away = x.c.places.kilometres[x.c.providers.place[first]][x.c.providers.place[able]]
    near = able[np.argsort(away, kind="stable")[: count * 6]]
    mates = x.rng.permutation(near)[:count]
    for each in mates:
        x.take(int(each))
    return mates


def _act(x: Crime, who: int, count: int) -> Ints:
    """What a professional of this kind usually bills."""
    kind = int(x.c.providers.kind[who])
    stock = {
        DENTIST: x.c.items.acts("D700;D702;D713"),
        LABORATORY: x.c.items.acts("NFS;CRP;TSH"),
        RADIOLOGY: x.c.items.acts("T205;T209;T122"),
        CLINIC: x.c.items.acts("J209;J401"),
    }
    return x.rng.choice(stock.get(kind, x.c.providers.usual[who][:1]), count)


def lent_card(x: Crime) -> None:
    """One card, several bodies: acts of both sexes, of a child and an adult, in two towns a day."""
    men = np.flatnonzero((x.c.members.female == 0) & (x.c.members.age > 25))
    member = int(x.rng.choice(np.intersect1d(men, x.alive())))
    rounds, length = x.pick(3, 5, 7), 120
    start = x.start(length)
    for turn in range(rounds):
        day = start + turn * length // rounds
        women = _someone(x, member, "Gynécologie")
        child = _someone(x, member, "Pédiatrie")
        at = day * MINUTES + np.array([10 * 60, 10 * 60 + 40])
        acts = x.c.items.acts("R411;Cs" if turn % 2 else "M104;Cs")
        x.bill(np.array([women, child]), np.full(2, member), at, acts, timed=1.0)
        _pharmacies_of_a_day(x, member, child, day)
    x.court.labels = [
        (*row[:4], -1, row[5]) if row[1] == x.instance and row[0] == x.scheme else row
        for row in x.court.labels
    ]
    x.accuse(member=member)


def _someone(x: Crime, member: int, speciality: str) -> int:
    supply = x.c.providers.supplies[speciality]
    return int(supply.choose(np.array([x.c.members.place[member]]), x.rng)[0])


def _pharmacies_of_a_day(x: Crime, member: int, doctor: int, day: int) -> None:
    """Three boxes in three pharmacies, one of them far away, on one day."""
    shops = x.c.providers.settled(PHARMACY)
    away = x.c.places.kilometres[x.c.members.place[member]][x.c.providers.place[shops]]
    near = x.rng.permutation(shops[np.argsort(away, kind="stable")[:20]])[:2]
    far = shops[(away > 200) & (away < 500)]
    three = np.append(near, x.rng.choice(far if len(far) else shops))
    signed = day * MINUTES + np.array([11 * 60, 12 * 60, 12 * 60 + 30])
    stock = x.c.items.of_role("ACUTE")
    claims = x.forge(doctor, member, signed, x.rng.choice(stock, 3, replace=False), three)
    x.label(claims, member=member)


def after_death(x: Crime) -> None:
    """Care billed in the name of people who had died."""
    who = x.culprit(GP, SPECIALIST, LABORATORY, DENTIST)
    deaths = x.c.members.death
    dead = np.flatnonzero((deaths != NONE) & (deaths < DAYS - 40))
    if not len(dead):
        dead = x.rng.choice(len(deaths), 2, replace=False)
        deaths[dead] = 200
        _bury(x, dead)
    people = x.rng.choice(dead, x.pick(4, 8, 15))
    days = deaths[people] + 1
    order = np.argsort(people, kind="stable")
    rank = np.arange(len(people)) - np.searchsorted(people[order], people[order])
    days[order] += rank * 3 + x.rng.integers(0, 3, len(people))
    x.bill(who, people, x.times(np.minimum(days, DAYS - 1)), _act(x, who, len(people)))
    x.accuse(provider=who)


def _bury(x: Crime, dead: Ints) -> None:
    """Take out the honest care of people whose death was decided late."""
    claims, lines = x.c.book.table("claims"), x.c.book.table("claim_lines")
    late = np.isin(claims["member"][lines["claim"]], dead) & (lines["care_date"] > 200)
    claims["kept"][lines["claim"][late]] = DROPPED
