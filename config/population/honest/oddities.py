"""Honest things that look like schemes: each is listed, so that the harm of a rule to the honest is measured.

What the rules read has no trace of the list. Numbers are small: a real controller meets each now and then.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from config.population.honest.calendar import DAYS, MINUTES, NONE, Ints
from config.population.honest.consulting import sign
from config.population.honest.country import Country
from config.population.honest.dispensing import sell
from config.population.honest.professionals import (
    CLINIC,
    GP,
    HOSPITAL,
    PHARMACY,
    PHYSIOTHERAPY,
    RADIOLOGY,
)

_LISTED = 40  # of kinds that come by the hundred
_FAR_KM = 400.0


def oncology(c: Country, scale: float) -> None:
    """Persons with a cancer: many prescribers, many pharmacies, opioids renewed by whoever is on duty."""
    patients = np.flatnonzero((c.members.cancer >= 0) & (c.members.death < 0))
    opioids = c.items.of_role("OPIOID")
    for member in patients[: max(2, int(60 * scale))]:
        visits = int(c.rng.integers(6, 14))
        at = _spread(c, visits)
        doctors = c.providers.supplies["DOCTORS"].choose(_home(c, member, visits), c.rng)
        drug = np.full(visits, c.rng.choice(opioids))
        for claim in _treated(c, doctors, member, at, drug):
            c.odd("oncology", member=member, claim=claim)


def second_opinions(c: Country, scale: float) -> None:
    """Two specialists of one speciality within two days, for the same complaint."""
    count = max(2, int(40 * scale))
    members = c.busy_members(count)
    for member in members:
        home = _home(c, member, 4)
        doctors = np.unique(c.providers.supplies["Rhumatologie"].choose(home, c.rng))[:2]
        at = _spread(c, 1) + np.arange(len(doctors)) * c.rng.integers(1, 3) * MINUTES
        acts = np.full(len(doctors), c.items.act("Cs"))
        for claim in _seen(c, doctors, np.full(len(doctors), member), at, acts):
            c.odd("second_opinion", member=member, claim=claim)


def twins(c: Country, scale: float) -> None:
    """Twins seen by one doctor a quarter of an hour apart, for the same amount."""
    same = (np.diff(c.members.birth) == 0) & (np.diff(c.members.family) == 0)
    for first in np.flatnonzero(same)[: max(2, int(30 * scale))]:
        pair = np.array([first, first + 1])
        doctor = np.full(2, c.usual_gp[first])
        at = _spread(c, 1) + np.array([0, 15])
        for claim in _seen(c, doctor, pair, at, np.full(2, c.items.act("C"))):
            c.odd("twins", provider=doctor[0], claim=claim)


def twice_a_day(c: Country, scale: float) -> None:
    """Sessions morning and evening after an operation, told apart by their hour: one claim, or two."""
    count = max(2, int(25 * scale))
    members = c.busy_members(count)
    who = c.providers.supplies[PHYSIOTHERAPY].choose(c.members.place[members], c.rng)
    act = np.full(count, c.items.act("AMM"))
    for _turn in range(3):
        morning = c.rng.integers(10, DAYS - 10, count) * MINUTES + 9 * 60
        claim = _seen(c, who, members, morning, act)
        c.book.charge(claim=claim, line=2, item=act, charged=c.fee(who, act), at=morning + 8 * 60)
        for one, member in zip(claim, members, strict=True):
            c.odd("twice_a_day", member=member, claim=one)


def rights_given_back(c: Country, scale: float) -> None:
    """Care of two months sent on one day, once rights were opened again."""
    for member in c.busy_members(max(1, int(12 * scale))):
        if c.members.rights_until[member] != NONE or c.members.death[member] != NONE:
            continue
        visits = int(c.rng.integers(3, 6))
        start = int(c.rng.integers(20, DAYS - 110))
        days = start + np.sort(c.rng.choice(50, visits, replace=False))
        doctor = np.full(visits, c.usual_gp[member])
        claim = _seen(
            c,
            doctor,
            np.full(visits, member),
            c.hours(days),
            _acts(c, visits, "C"),
            submitted_at=(start + 58) * MINUTES + 600,
        )
        for one in claim:
            c.odd("rights_given_back", member=member, claim=one)


def screening_week(c: Country, scale: float) -> None:
    """October: a radiologist takes thirty mammographies a day for a week."""
    women = np.flatnonzero((c.members.female == 1) & (c.members.age >= 40))
    for who in c.providers.settled(RADIOLOGY)[: max(1, int(3 * scale))]:
        _campaign(c, "screening_week", who, women, "T229", first=279, days=5, a_day=30)


def vaccination_days(c: Country, scale: float) -> None:
    """A health centre sees eighty children a day, twice a year."""
    children = np.flatnonzero(c.members.age < 12)
    for who in c.providers.settled(HOSPITAL)[: max(1, int(4 * scale))]:
        _campaign(c, "vaccination_day", who, children, "C", first=100, days=1, a_day=80)
        _campaign(c, "vaccination_day", who, children, "C", first=290, days=1, a_day=80)


def cataract_days(c: Country, scale: float) -> None:
    """A charity pays cataract operations: ten a day at one clinic, one amount, one act."""
    old = np.flatnonzero(c.members.age >= 60)
    for who in c.providers.settled(CLINIC)[-max(1, int(2 * scale)) :]:
        _campaign(c, "cataract_days", who, old, "FOR-CATARACTE", first=140, days=3, a_day=10)


def night_clinic(c: Country, scale: float) -> None:
    """Emergencies: a clinic most of whose consultations are at night."""
    for who in c.providers.settled(CLINIC)[1 : 1 + max(1, int(3 * scale))]:
        count = 100
        members = _around(c, who, np.arange(len(c.members)), count)
        night = c.rng.integers(22 * 60, 29 * 60, count)
        at = c.rng.integers(1, DAYS - 3, count) * MINUTES + night
        claims = _seen(c, np.full(count, who), members, at, _acts(c, count, "C"))
        c.odd("night_clinic", provider=who)
        for claim in claims[:_LISTED]:
            c.odd("night_clinic", provider=who, claim=claim)


def nursing_home(c: Country, scale: float) -> None:
    """Thirty old people in one house: one doctor, one pharmacy, one day a month. A dense group."""
    for _house in range(max(1, int(3 * scale))):
        doctor = int(c.rng.choice(c.providers.settled(GP)))
        old = np.flatnonzero((c.members.age >= 62) & (c.members.death < 0))
        people = np.unique(_around(c, doctor, old, 40))[:30]
        pharmacy = c.providers.supplies["PHARMACY"].choose(
            np.array([c.providers.place[doctor]]), c.rng
        )
        drug = c.rng.choice(c.items.of_role("HYPERTENSION"), len(people))
        for month in range(0, DAYS - 30, 30):
            at = (month + 9) * MINUTES + 9 * 60 + np.arange(len(people)) * 12
            claims = _treated(c, np.full(len(people), doctor), people, at, drug, pharmacy)
            for claim in claims[:2]:
                c.odd("nursing_home", provider=doctor, claim=claim)


def new_busy_practice(c: Country, scale: float) -> None:
    """Doctors who open take the patients of those who leave: full from the first week."""
    opened = np.flatnonzero((c.providers.kind == GP) & (c.providers.agreed_from > 0))
    for who in opened[: max(1, int(8 * scale))]:
        count = 120
        first = int(c.providers.agreed_from[who])
        members = _around(c, who, np.arange(len(c.members)), count)
        days = first + 1 + c.rng.integers(0, 90, count)
        _seen(c, np.full(count, who), members, c.hours(days), _acts(c, count, "C"))
        c.odd("new_busy_practice", provider=who)


def travellers(c: Country, scale: float) -> None:
    """Seen at home in the morning, and far away in the evening of a day of leave."""
    for member in c.busy_members(max(2, int(20 * scale))):
        away = c.places.kilometres[c.members.place[member]]
        far = int(c.rng.choice(np.flatnonzero(away > _FAR_KM)))
        other = c.providers.supplies["GENERAL_PRACTITIONER"].choose(np.array([far]), c.rng)[0]
        doctors = np.array([c.usual_gp[member], other])
        at = int(c.rng.integers(190, 240)) * MINUTES + np.array([8 * 60, 21 * 60])
        for claim in _seen(c, doctors, np.full(2, member), at, c.items.acts("C;V")):
            c.odd("traveller", member=member, claim=claim)


def lost_boxes(c: Country, scale: float) -> None:
    """A box is lost: the doctor writes it again a week later."""
    calm = c.items.of_role("CONTROLLED")
    for member in c.busy_members(max(2, int(25 * scale)), np.flatnonzero(c.members.age > 30)):
        at = _spread(c, 1) + np.array([0, int(c.rng.integers(5, 12)) * MINUTES])
        doctor = np.full(2, c.usual_gp[member])
        drug = np.full(2, c.rng.choice(calm))
        for claim in _treated(c, doctor, member, at, drug):
            c.odd("lost_box", member=member, claim=claim)


def only_pharmacies(c: Country, scale: float) -> None:
    """Where there is one pharmacy, every doctor of the place feeds it."""
    places = c.providers.place[c.providers.of_kind(PHARMACY)]
    alone = np.flatnonzero(np.bincount(places, minlength=len(c.places)) == 1)
    for who in c.providers.of_kind(PHARMACY)[np.isin(places, alone)]:
        c.odd("only_pharmacy", provider=who)


def retiring_doctors(c: Country, scale: float) -> None:
    """Doctors who leave during the year; what they signed is still collected for three months."""
    for who in np.flatnonzero(c.providers.agreed_until != NONE):
        c.odd("retiring_doctor", provider=who)


ODDITIES: Final[tuple[Callable[[Country, float], None], ...]] = (
    oncology,
    second_opinions,
    twins,
    twice_a_day,
    rights_given_back,
    screening_week,
    vaccination_days,
    cataract_days,
    night_clinic,
    nursing_home,
    new_busy_practice,
    travellers,
    lost_boxes,
    only_pharmacies,
    retiring_doctors,
)


def _seen(
    c: Country,
    who: Ints,
    members: Ints,
    at: Ints,
    acts: Ints,
    *,
    sheet: Ints | None = None,
    submitted_at: int | None = None,
) -> Ints:
    """Consultations that are never dropped."""
    claim = c.book.claim(
        provider=who,
        member=members,
        submitted_at=c.submitted(at) if submitted_at is None else submitted_at,
        sheet=c.book.new_sheets(len(at)) if sheet is None else sheet,
        kept=1,
    )
    c.book.charge(claim=claim, line=1, item=acts, charged=c.fee(who, acts), at=at)
    return claim


def _treated(
    c: Country,
    doctors: Ints,
    members: Ints | int,
    at: Ints,
    drug: Ints,
    pharmacy: Ints | None = None,
) -> Ints:
    """Consultations, each with one medicine collected the same day; the claims of the medicines."""
    who = np.broadcast_to(np.asarray(members), at.shape)
    acts = np.array([c.providers.usual[each][0] for each in doctors])
    sheet = c.book.new_sheets(len(at))
    _seen(c, doctors, who, at, acts, sheet=sheet)
    shop = c.providers.supplies["PHARMACY"].choose(c.members.place[who], c.rng)
    if pharmacy is not None:
        shop = np.broadcast_to(pharmacy, at.shape)
    return sell(c, sign(c, doctors, who, at + 8, sheet, drug), shop, at + 90)


def _campaign(
    c: Country, name: str, who: int, among: Ints, act: str, *, first: int, days: int, a_day: int
) -> None:
    people = np.unique(_around(c, who, among, 3 * days * a_day))
    people = c.rng.permutation(people)[: days * a_day]
    at = (first + np.arange(len(people)) // a_day) * MINUTES
    at = at + 8 * 60 + np.arange(len(people)) % a_day * 6
    claims = _seen(c, np.full(len(people), who), people, at, _acts(c, len(people), act))
    c.odd(name, provider=who)
    for claim in claims[:_LISTED]:
        c.odd(name, provider=who, claim=claim)


def _around(c: Country, who: int, among: Ints, count: int) -> Ints:
    """Persons of a group, mostly those who live near a professional."""
    away = c.places.kilometres[c.providers.place[who]][c.members.place[among]]
    odds = np.exp(-away / 10.0) + 1e-6
    return among[c.rng.choice(len(among), size=count, p=odds / odds.sum())]


def _home(c: Country, member: int, count: int) -> Ints:
    return np.full(count, c.members.place[member])


def _acts(c: Country, count: int, code: str) -> Ints:
    return np.full(count, c.items.act(code))


def _spread(c: Country, count: int) -> Ints:
    """Instants of working hours over the year, in order."""
    return np.sort(c.hours(c.rng.integers(5, DAYS - 20, count), 9, 17))
