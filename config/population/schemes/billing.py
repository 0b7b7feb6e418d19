"""Acts that were not done, not so, or not then: phantoms, replays, dearer codes, parts, impossible days."""

from typing import Final

import numpy as np

from config.population.honest.calendar import DAYS, MINUTES, NONE, Ints
from config.population.honest.people import SCHEMES
from config.population.honest.professionals import (
    CLINIC,
    DENTIST,
    GP,
    LABORATORY,
    PHYSIOTHERAPY,
    RADIOLOGY,
    SPECIALIST,
)
from config.population.schemes.crime import Crime, on_different_days

# A dearer act of the same family (NGAP): what is written instead of what was done.
DEARER: Final = {
    "C": "V",
    "Cs": "Vs",
    "J308": "J310",
    "H301": "H302",
    "R411": "R404",
    "K100": "K101",
    "T122": "T128",
    "T146": "T147",
    "T230": "T233",
    "T229": "T233",
    "D700": "D702",
    "D701": "D702",
    "D713": "D720",
    "D717": "D720",
    "D704": "D706",
    "A100": "A101",
}
# A whole act and the parts it contains, dearer when billed one by one.
PACKAGES: Final = {
    RADIOLOGY: ("T230", "T230"),  # both breasts, one by one, for T229
    DENTIST: ("D700", "D701", "D712"),  # faces of one tooth, for D702
    CLINIC: ("J401", "J216"),  # the exploration belongs to the operation, for J402
}
_LONGEST = 60  # lines changed by one instance


def phantom(x: Crime) -> None:
    """Acts that never took place, on identities bought far away from people who pay nothing."""
    who = x.culprit(GP, SPECIALIST, CLINIC)
    count, length = x.pick(15, 28, 50), 90
    first = x.start(length)
    poor = np.flatnonzero((x.c.members.scheme == SCHEMES.index("TADAMON")) & (x.c.members.age > 20))
    away = x.c.places.kilometres[x.c.providers.place[who]][x.c.members.place[poor]]
    far = np.intersect1d(poor[(away > 60) & (away < 300)], x.alive())
    people = x.rng.choice(far if len(far) > 5 else x.alive(), max(5, int(count * 0.7)))
    members = np.concatenate([people, _in_hospital(x, count - len(people))])
    days = on_different_days(members, first, x.rng) + x.rng.integers(0, length - 30, len(members))
    days = np.where(np.arange(len(members)) < len(people), days, _lying(x, members, days))
    act = np.full(len(members), x.c.items.act("FOR-CATARACTE"))
    if x.c.providers.kind[who] != CLINIC:
        act = x.rng.choice(x.c.providers.usual[who][:2], len(members))
    x.bill(who, members, x.times(np.minimum(days, DAYS - 5)), act, timed=0.5)
    x.accuse(provider=who)


def _in_hospital(x: Crime, count: int) -> Ints:
    stays = x.c.book.table("stays")
    lying = np.intersect1d(stays["member"], x.alive())
    return x.rng.choice(lying if len(lying) >= count else x.alive(), count, replace=False)


def _lying(x: Crime, members: Ints, days: Ints) -> Ints:
    """The second day of each person's stay, where there is one."""
    stays = x.c.book.table("stays")
    second = dict(zip(stays["member"].tolist(), (stays["admitted"] + 1).tolist(), strict=True))
    return np.array(
        [second.get(m, d) for m, d in zip(members.tolist(), days.tolist(), strict=True)]
    )


def replay(x: Crime) -> None:
    """Acts of the year sent again weeks later, on another sheet, same person, act and day."""
    who = x.culprit(GP, SPECIALIST, DENTIST, LABORATORY, RADIOLOGY, least=30)
    claims, lines = x.c.book.table("claims"), x.c.book.table("claim_lines")
    mine = np.flatnonzero(claims["provider"] == who)
    early = np.unique(
        lines["claim"][np.isin(lines["claim"], mine) & (lines["care_date"] < DAYS - 60)]
    )
    again = x.rng.permutation(early)[: x.pick(6, 12, 24)]
    later = (
        np.maximum(claims["submitted_at"][again], 0) + x.rng.integers(3, 45, len(again)) * MINUTES
    )
    copy = x.c.book.claim(
        provider=who,
        member=claims["member"][again],
        submitted_at=later,
        sheet=x.c.book.new_sheets(len(again)),
        kept=1,
    )
    x.c.book.keep(again)
    lines = x.c.book.table("claim_lines")
    order = np.argsort(again)
    at = np.flatnonzero(np.isin(lines["claim"], again))
    owner = copy[order][np.searchsorted(again[order], lines["claim"][at])]
    x.c.book.charge(
        claim=owner,
        line=lines["line"][at],
        item=lines["item"][at],
        quantity=lines["quantity"][at],
        charged=lines["charged"][at],
        at=np.where(
            lines["started_at"][at] == NONE,
            lines["care_date"][at] * MINUTES,
            lines["started_at"][at],
        ),
        timed=(lines["started_at"][at] != NONE) & (x.rng.random(len(at)) < 0.7),
    )
    member = x.c.book.table("claims")["member"][owner]
    x.label(owner, lines["line"][at], provider=who, member=member)
    x.accuse(provider=who)


def upcoding(x: Crime) -> None:
    """From some month on, a part of the acts is written under a dearer code of the family."""
    lines = x.c.book.table("claim_lines")
    provider = x.c.book.table("claims")["provider"][lines["claim"]]
    better = np.full(len(x.c.items.code), -1)
    for cheap, dear in DEARER.items():
        better[x.c.items.act(cheap)] = x.c.items.act(dear)
    first = int(x.rng.integers(90, 180))
    open_to_it = (better[lines["item"]] >= 0) & (lines["care_date"] >= first)
    room = np.bincount(provider[open_to_it], minlength=len(x.c.providers))
    kinds = np.concatenate([x.c.providers.settled(k) for k in (GP, SPECIALIST, DENTIST, RADIOLOGY)])
    able = np.array([each for each in kinds if each not in x.court.taken])
    able = able[np.argsort(room[able])]
    who = int(x.rng.choice(able[-max(5, len(able) // 6) :]))
    x.take(who)
    at = np.flatnonzero(open_to_it & (provider == who))
    at = at[x.rng.random(len(at)) < x.pick(0.4, 0.65, 0.9)][:_LONGEST]
    lines["item"][at] = better[lines["item"][at]]
    lines["charged"][at] = x.c.fee(np.full(len(at), who), lines["item"][at])
    x.c.book.keep(lines["claim"][at])
    member = x.c.book.table("claims")["member"][lines["claim"][at]]
    x.label(lines["claim"][at], lines["line"][at], provider=who, member=member)
    x.accuse(provider=who)


def unbundling(x: Crime) -> None:
    """The parts of a package billed one by one, together or within days of each other."""
    kind = int(x.rng.choice(list(PACKAGES)))
    who = x.culprit(kind)
    adults = np.intersect1d(x.alive(), np.flatnonzero(x.c.members.age >= 40))
    members = x.around(who, x.pick(8, 15, 25), adults, km=25)
    length = 120
    day = x.start(length) + x.rng.integers(0, length, len(members))
    apart = x.rng.integers(0, 3, len(members))
    for rank, code in enumerate(PACKAGES[kind]):
        step = np.maximum(apart, 1) if len(set(PACKAGES[kind])) == 1 else apart
        x.bill(who, members, x.times(day + rank * step), x.c.items.act(code))
    x.accuse(provider=who)


def impossible_day(x: Crime) -> None:
    """More acts in a day than a day has hours for, a few days of the year."""
    who = x.culprit(GP, SPECIALIST, DENTIST)
    while x.c.providers.speciality[who] == PHYSIOTHERAPY:
        who = x.culprit(SPECIALIST)
    days, a_day = 2, x.pick(75, 90, 120)
    first = x.start(40)
    act = x.c.items.act("D713")
    if x.c.providers.kind[who] != DENTIST:
        act = x.c.providers.usual[who][0]
    for day in first + np.sort(x.rng.choice(30, days, replace=False)):
        members = x.around(who, a_day, km=20)
        at = day * MINUTES + np.sort(x.rng.integers(7 * 60, 23 * 60, len(members)))
        x.bill(who, members, at, act, timed=0.6)
    x.accuse(provider=who)
