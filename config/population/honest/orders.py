"""Care that is not a doctor's consultation: analyses, pictures, teeth, sessions, stays, dialysis."""

from typing import Final

import numpy as np

from config.population.columns import PROVIDER_KINDS
from config.population.honest.calendar import DAYS, MINUTES, Ints
from config.population.honest.country import Country
from config.population.honest.professionals import (
    CLINIC,
    DENTIST,
    LABORATORY,
    PHYSIOTHERAPY,
    RADIOLOGY,
)

# Parts of the claims that were asked.
ANALYSES: Final = 0.065
PICTURES: Final = 0.035
TEETH: Final = 0.05
SESSIONS: Final = 0.03
STAYS: Final = 0.015
_SERIES = 10
_SURGERY = "J209;J401;J403;L100;L202;E301;A102;N202;M108"
_WEEK = 7
_CENTRES = 25  # dialysis patients of one centre


def analyses(c: Country, count: int) -> None:
    """Blood tests: three to six a claim, all different, one priced by the coefficient."""
    _several(c, count, LABORATORY, c.items.of_letter("B"), (3, 4, 5, 6), stride=5)


def pictures(c: Country, count: int) -> None:
    """Radiography, one or two views; mammography is for women after forty."""
    usual = c.items.of_letter("Z")
    breast = c.items.acts("T229;T230;T233")
    _several(c, count, RADIOLOGY, np.setdiff1d(usual, breast), (1, 1, 1, 2), stride=5)
    women = np.flatnonzero((c.members.female == 1) & (c.members.age >= 40))
    if len(women):
        member = c.busy_members(count // 12, women)
        _one_each(c, RADIOLOGY, member, np.full(len(member), c.items.act("T229")))


def teeth(c: Country, count: int) -> None:
    """Dental care, one to three acts, and some prostheses."""
    care = np.setdiff1d(c.items.of_letter("D"), c.items.acts("D632;D633"))
    _several(c, count * 9 // 10, DENTIST, care, (1, 1, 2, 3), stride=5)
    adults = np.flatnonzero(c.members.age >= 25)
    member = c.busy_members(count // 10, adults)
    _one_each(c, DENTIST, member, c.rng.choice(c.items.of_letter("DP"), len(member)))


def sessions(c: Country, count: int) -> None:
    """Physiotherapy: series of ten sessions, two or three a week, a claim each."""
    member = c.busy_members(max(1, count // _SERIES))
    who = c.providers.supplies[PHYSIOTHERAPY].choose(c.members.place[member], c.rng)
    start = c.days_for(member)
    for rank in range(_SERIES):
        day = start + rank * 5 // 2
        some = np.flatnonzero(day < DAYS)
        _claims(c, who[some], member[some], c.hours(day[some]), c.items.act("AMM"))


def stays(c: Country, count: int) -> None:
    """Stays with or without surgery; births by caesarean; cataracts of the old, home the same day."""
    member = c.busy_members(count)
    age, female = c.members.age[member], c.members.female[member] == 1
    mark = c.rng.random(count)
    birth = female & (age >= 20) & (age <= 42) & (mark < 0.3)
    cataract = (age >= 60) & (mark < 0.35)
    kind = np.where(birth | cataract | (c.rng.random(count) < 0.55), "CLINIC", "HOSPITAL")
    where = np.empty(count, dtype=np.int64)
    for name in ("CLINIC", "HOSPITAL"):
        some = kind == name
        where[some] = c.providers.supplies[name].choose(c.members.place[member[some]], c.rng)
    act = c.rng.choice(c.items.acts(_SURGERY), count)
    act = np.where(birth, c.items.act("FOR-CESARIENNE"), act)
    act = np.where(cataract, c.items.act("FOR-CATARACTE"), act)
    nights = np.where(cataract, 0, c.rng.choice((1, 2, 3, 3, 4, 5, 7), count))
    days = c.rng.integers(0, DAYS - 10, count)
    at = days * MINUTES + c.rng.integers(7 * 60, 22 * 60, count)
    claim = c.book.claim(
        provider=where,
        member=member,
        submitted_at=c.submitted(at + nights * MINUTES),
        sheet=c.book.new_sheets(count),
        kept=1,
    )
    surgical = (kind == "CLINIC") | (c.rng.random(count) < 0.4)
    cut, lie = np.flatnonzero(surgical), np.flatnonzero(nights > 0)
    c.book.charge(
        claim=claim[cut], line=1, item=act[cut], charged=c.fee(where[cut], act[cut]), at=at[cut]
    )
    bed = np.full(len(lie), c.items.act("SEJ-MED"))
    c.book.charge(
        claim=claim[lie],
        line=2,
        item=bed,
        quantity=nights[lie],
        charged=c.fee(where[lie], bed) * nights[lie],
        at=at[lie],
        timed=False,
    )
    empty = np.flatnonzero(~surgical & (nights == 0))
    c.book.charge(
        claim=claim[empty],
        line=1,
        item=act[empty],
        charged=c.fee(where[empty], act[empty]),
        at=at[empty],
    )
    c.book.stay(
        provider=where[lie],
        member=member[lie],
        admitted=days[lie],
        discharged=days[lie] + nights[lie],
    )


def dialysis(c: Country) -> None:
    """Kidney patients: three sessions a week in one centre for life, a claim a week. A dense group."""
    patients = np.flatnonzero((c.members.kidney == 1) & (c.members.death < 0))
    clinics = c.providers.settled(CLINIC)
    if not len(patients) or not len(clinics):
        return
    centres = clinics[: max(1, len(patients) // _CENTRES)]
    near = c.places.kilometres[c.members.place[patients]][:, c.providers.place[centres]]
    centre = centres[near.argmin(axis=1)]
    shift = c.rng.integers(0, 2, len(patients))
    for week in range(DAYS // _WEEK):
        day = week * _WEEK + 5 + shift
        at = c.hours(day, 7, 13)
        claim = c.book.claim(
            provider=centre,
            member=patients,
            submitted_at=c.submitted(at + 4 * MINUTES),
            sheet=c.book.new_sheets(len(patients)),
        )
        act = np.full(len(patients), c.items.act("K202"))
        for rank in range(3):
            c.book.charge(
                claim=claim,
                line=rank + 1,
                item=act,
                charged=c.fee(centre, act),
                at=at + rank * 2 * MINUTES,
            )
    for each in np.unique(centre):
        c.odd("dialysis_centre", provider=each)


def _several(
    c: Country, count: int, kind: int, stock: Ints, sizes: tuple[int, ...], stride: int
) -> None:
    """Claims of several different acts: `stride` shares no factor with the number of acts."""
    member = c.busy_members(count)
    who = c.providers.supplies[PROVIDER_KINDS[kind]].choose(c.members.place[member], c.rng)
    at = c.hours(c.days_for(member), 8)
    claim = c.book.claim(
        provider=who,
        member=member,
        submitted_at=c.submitted(at),
        sheet=c.book.new_sheets(count),
    )
    size = c.rng.choice(sizes, size=count)
    owner = np.repeat(np.arange(count), size)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(size) - size, size)
    while np.gcd(stride, len(stock)) > 1:
        stride += 1
    item = stock[(c.rng.integers(0, len(stock), count)[owner] + rank * stride) % len(stock)]
    timed = (c.rng.random(count) < 0.8)[owner]
    c.book.charge(
        claim=claim[owner],
        line=rank + 1,
        item=item,
        charged=c.fee(who[owner], item),
        at=at[owner],
        timed=timed,
    )


def _one_each(c: Country, kind: int, member: Ints, item: Ints) -> None:
    """One act each, within reach of where they live."""
    who = c.providers.supplies[PROVIDER_KINDS[kind]].choose(c.members.place[member], c.rng)
    _claims(c, who, member, c.hours(c.days_for(member)), item)


def _claims(c: Country, who: Ints, member: Ints, at: Ints, item: Ints | int) -> Ints:
    act = np.broadcast_to(np.asarray(item), who.shape)
    claim = c.book.claim(
        provider=who,
        member=member,
        submitted_at=c.submitted(at),
        sheet=c.book.new_sheets(len(who)),
    )
    c.book.charge(claim=claim, line=1, item=act, charged=c.fee(who, act), at=at)
    return claim
