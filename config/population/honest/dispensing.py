"""What pharmacies hand over: short treatments once, chronic ones every month, never before nor above."""

import numpy as np

from config.population.honest.calendar import DAYS, MINUTES, Ints
from config.population.honest.consulting import Prescribed
from config.population.honest.country import Country

_COLLECTED = 0.82
_FAITHFUL, _NEAR_DOCTOR = 0.72, 0.18
_RENEWED = 0.9
_MONTH = 30
_EARLY = 0.012  # renewals taken ten days before, on leaving for holidays
_OPEN, _CLOSED = 9, 20


def dispense(c: Country, written: Prescribed) -> None:
    """Collect short treatments within a few days of being signed."""
    first, owner = _papers(written)
    some = np.flatnonzero(c.rng.random(len(first)) < _COLLECTED)
    after = c.rng.choice((0, 0, 0, 0, 1, 1, 2, 4), size=len(some))
    signed = written.signed_at[first[some]]
    at = _opening(c, signed // MINUTES + after, signed)
    _hand_over(c, written, first[some], owner, some, at, pharmacies(c, written, first[some]))


def renew(c: Country, written: Prescribed) -> None:
    """Collect chronic treatments at once, then about every month, mostly where one always goes."""
    first, owner = _papers(written)
    member = written.member[first]
    for turn in range(int(written.repeats.max(initial=0)) + 1):
        some = np.flatnonzero(c.rng.random(len(first)) < _RENEWED)
        early = (c.rng.random(len(some)) < _EARLY) & (turn > 0)
        shift = c.rng.integers(0, 3, len(some)) if turn == 0 else c.rng.integers(-2, 4, len(some))
        shift = np.where(early, c.rng.integers(-12, -8, len(some)), shift)
        signed = written.signed_at[first[some]]
        at = _opening(c, signed // MINUTES + turn * _MONTH + shift, signed)
        elsewhere = c.rng.random(len(some)) < 0.12
        where = np.where(
            elsewhere, pharmacies(c, written, first[some]), c.usual_pharmacy[member[some]]
        )
        claims = _hand_over(c, written, first[some], owner, some, at, where)
        for claim in claims[early & (claims >= 0)]:
            c.odd("holiday_refill", claim=claim)


def pharmacies(c: Country, written: Prescribed, first: Ints) -> Ints:
    """One's usual pharmacy, else one near the doctor, else any within reach."""
    member, doctor = written.member[first], written.prescriber[first]
    stock = c.providers.supplies["PHARMACY"]
    mark = c.rng.random(len(first))
    near_doctor = stock.choose(c.providers.place[doctor], c.rng)
    anywhere = stock.choose(c.members.place[member], c.rng)
    other = np.where(mark < _FAITHFUL + _NEAR_DOCTOR, near_doctor, anywhere)
    return np.where(mark < _FAITHFUL, c.usual_pharmacy[member], other)


def _papers(written: Prescribed) -> tuple[Ints, Ints]:
    """The first line of each prescription, and for every line the rank of its prescription."""
    first = np.flatnonzero(np.diff(written.prescription, prepend=-1))
    return first, np.cumsum(np.diff(written.prescription, prepend=-1) != 0) - 1


def _opening(c: Country, days: Ints, signed: Ints) -> Ints:
    """An hour when pharmacies are open, at least a quarter of an hour after the signature."""
    return np.maximum(c.hours(days, _OPEN, _CLOSED), signed + 15)


def _hand_over(
    c: Country, written: Prescribed, first: Ints, owner: Ints, papers: Ints, at: Ints, where: Ints
) -> Ints:
    """A claim for each prescription collected before the year ends; -1 for the others."""
    now = np.flatnonzero(at < DAYS * MINUTES)
    claims = np.full(len(first), -1)
    claims[now] = c.book.claim(
        provider=where[now],
        member=written.member[first[now]],
        submitted_at=c.submitted(at[now]),
        sheet=written.sheet[first[now]],
        prescription=written.prescription[first[now]],
    )
    rank = np.full(int(owner.max(initial=-1)) + 1, -1)
    rank[papers[now]] = now
    mine = np.flatnonzero(rank[owner] >= 0)
    of = rank[owner[mine]]
    item = written.item[mine]
    c.book.charge(
        claim=claims[of],
        line=written.line[mine],
        item=item,
        quantity=c.items.boxes[item],
        charged=c.items.price[item] * c.items.boxes[item],
        at=at[of],
        days=c.items.days[item],
        prescription_line=written.line[mine],
    )
    return claims


def sell(c: Country, papers: Prescribed, pharmacy: Ints, at: Ints) -> Ints:
    """Hand over prescriptions of one medicine at given instants; claims that are never dropped."""
    claims = c.book.claim(
        provider=pharmacy,
        member=papers.member,
        submitted_at=c.submitted(at),
        sheet=papers.sheet,
        prescription=papers.prescription,
        kept=1,
    )
    c.book.charge(
        claim=claims,
        line=1,
        item=papers.item,
        quantity=c.items.boxes[papers.item],
        charged=c.items.price[papers.item] * c.items.boxes[papers.item],
        at=at,
        days=c.items.days[papers.item],
        prescription_line=1,
    )
    return claims
