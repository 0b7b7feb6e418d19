"""Consultations: who sees whom on which day, what is done, and what is prescribed."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from config.population.honest.calendar import DAYS, MINUTES, Ints
from config.population.honest.country import Country
from config.population.honest.people import CHRONIC_ILLS

# Parts of the claims that were asked: a year at the CNSS is half medicines, a third consultations.
GENERAL: Final = 0.21
SPECIALISTS: Final = 0.15
CHRONIC: Final = 0.013  # persons treated all year, a claim each
_FAITHFUL = 0.8  # visits to one's usual doctor
_VISITS = 0.04  # at home or at night, among general practice
_PRESCRIBED = 0.78
_RENEWALS = 2  # of a chronic prescription, three months in all
_SECOND_ACT = 0.35


@dataclass(frozen=True, slots=True)
class Prescribed:
    """Prescriptions just written, with what dispensing needs to know of each line."""

    prescription: Ints
    line: Ints
    item: Ints
    repeats: Ints
    sheet: Ints
    member: Ints
    prescriber: Ints
    signed_at: Ints


def general_practice(c: Country, count: int) -> list[Prescribed]:
    """Ordinary visits to general practitioners, by season."""
    member = c.busy_members(count)
    own = c.rng.random(count) < _FAITHFUL
    other = c.providers.supplies["GENERAL_PRACTITIONER"].choose(c.members.place[member], c.rng)
    doctor = np.where(own, c.usual_gp[member], other)
    at = c.hours(c.days_for(member))
    call = c.rng.random(count) < _VISITS
    at = np.where(call, at // MINUTES * MINUTES + c.rng.integers(19 * 60, 23 * 60, count), at)
    item = np.where(call, c.items.act("V"), c.items.act("C"))
    sheet = consult(c, doctor, member, at, item)
    return [prescribe_acute(c, doctor, member, at, sheet)]


def specialist_care(c: Country, count: int) -> list[Prescribed]:
    """Consultations of specialists, with the acts of their speciality for a part of them."""
    member = c.busy_members(count)
    doctor = c.providers.supplies["DOCTORS"].choose(c.members.place[member], c.rng)
    at = c.hours(c.days_for(member))
    pick = c.rng.random(count)
    first = np.array([c.providers.usual[who][0] for who in doctor])
    more = np.array(
        [
            c.providers.usual[who][1 + int(mark * (len(c.providers.usual[who]) - 1))]
            if len(c.providers.usual[who]) > 1
            else -1
            for who, mark in zip(doctor, pick, strict=True)
        ]
    )
    also = np.where(c.rng.random(count) < _SECOND_ACT, more, -1)
    sheet = consult(c, doctor, member, at, first, also)
    return [prescribe_acute(c, doctor, member, at, sheet)]


def consult(
    c: Country, doctor: Ints, member: Ints, at: Ints, item: Ints, also: Ints | None = None
) -> Ints:
    """One claim for each consultation, on a sheet of its own; `also` is a second act, or -1."""
    sheet = c.book.new_sheets(len(doctor))
    claim = c.book.claim(provider=doctor, member=member, submitted_at=c.submitted(at), sheet=sheet)
    timed = c.rng.random(len(doctor)) < 0.9
    c.book.charge(claim=claim, line=1, item=item, charged=c.fee(doctor, item), at=at, timed=timed)
    if also is not None:
        some = np.flatnonzero(also >= 0)
        c.book.charge(
            claim=claim[some],
            line=2,
            item=also[some],
            charged=c.fee(doctor[some], also[some]),
            at=at[some] + 10,
            timed=timed[some],
        )
    return sheet


def prescribe_acute(c: Country, doctor: Ints, member: Ints, at: Ints, sheet: Ints) -> Prescribed:
    """One to three medicines of a short treatment for most visits; a few are controlled ones."""
    some = np.flatnonzero(c.rng.random(len(doctor)) < _PRESCRIBED)
    stock = c.items.of_role("ACUTE")
    base = c.rng.integers(0, len(stock), len(some))
    size = c.rng.choice((1, 2, 3), size=len(some), p=(0.3, 0.45, 0.25))
    owner = np.repeat(np.arange(len(some)), size)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(size) - size, size)
    item = stock[(base[owner] + rank * 7) % len(stock)]  # 7 and 26 share no factor: all differ
    calming = (
        (rank == 0) & (c.rng.random(len(owner)) < 0.025) & (c.members.age[member[some]][owner] > 25)
    )
    item = np.where(calming, c.rng.choice(c.items.of_role("CONTROLLED"), len(owner)), item)
    return write(c, doctor[some], member[some], at[some] + 8, sheet[some], owner, rank + 1, item, 0)


def write(
    c: Country,
    doctor: Ints,
    member: Ints,
    signed_at: Ints,
    sheet: Ints,
    owner: Ints,
    line: Ints,
    item: Ints,
    repeats: Ints | int,
) -> Prescribed:
    """Sign prescriptions and their lines; `owner` says to which prescription each line belongs."""
    paper = c.book.prescribe(prescriber=doctor, member=member, signed_at=signed_at, sheet=sheet)
    again = np.broadcast_to(np.asarray(repeats), owner.shape)
    c.book.order(
        prescription=paper[owner],
        line=line,
        item=item,
        quantity=c.items.boxes[item],
        days=c.items.days[item],
        repeats=again,
    )
    return Prescribed(
        prescription=paper[owner],
        line=line,
        item=item,
        repeats=again,
        sheet=sheet[owner],
        member=member[owner],
        prescriber=doctor[owner],
        signed_at=signed_at[owner],
    )


def sign(
    c: Country, doctor: Ints, member: Ints, signed_at: Ints, sheet: Ints, item: Ints
) -> Prescribed:
    """Prescriptions of one medicine each, not renewable."""
    owner = np.arange(len(doctor))
    return write(c, doctor, member, signed_at, sheet, owner, np.ones_like(owner), item, 0)


def chronic_care(c: Country, count: int) -> list[Prescribed]:
    """Persons treated all year: a consultation and a renewable prescription every three months."""
    ill = np.flatnonzero((c.members.treatments > 0) & (c.members.death < 0))
    member = c.rng.permutation(ill)[:count]
    gp = c.rng.random(len(member)) < 0.6
    treated = c.providers.supplies["DOCTORS"].choose(c.members.place[member], c.rng)
    doctor = np.where(gp, c.usual_gp[member], treated)
    first = np.array([c.providers.usual[who][0] for who in doctor])
    owner, line, item = _treatments(c, member)
    written = []
    start = c.rng.integers(0, 85, len(member))
    for quarter in range(4):
        day = start + quarter * 88 + c.rng.integers(0, 5, len(member))
        some = np.flatnonzero(day < DAYS)
        at = c.hours(day[some])
        sheet = consult(c, doctor[some], member[some], at, first[some])
        mine = np.isin(owner, some)
        position = np.full(len(member), -1)
        position[some] = np.arange(len(some))
        written.append(
            write(
                c,
                doctor[some],
                member[some],
                at + 8,
                sheet,
                position[owner[mine]],
                line[mine],
                item[mine],
                _RENEWALS,
            )
        )
    return written


def _treatments(c: Country, member: Ints) -> tuple[Ints, Ints, Ints]:
    """One medicine for each chronic illness of each person, the same all year."""
    owners, items = [], []
    for bit, (role, _, _) in enumerate(CHRONIC_ILLS):
        some = np.flatnonzero(c.members.treatments[member] >> bit & 1)
        owners.append(some)
        items.append(c.rng.choice(c.items.of_role(role), len(some)))
    owner, item = np.concatenate(owners), np.concatenate(items)
    order = np.argsort(owner, kind="stable")
    owner, item = owner[order], item[order]
    start = np.flatnonzero(np.diff(owner, prepend=-1))
    line = np.arange(len(owner)) - np.repeat(start, np.diff(np.append(start, len(owner)))) + 1
    return owner, line, item
