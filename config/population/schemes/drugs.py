"""Medicines handed over too early, too many, without a prescription, or under somebody else's key."""

from typing import Any

import numpy as np

from config.population.honest.calendar import DAYS, MINUTES, NONE, Ints
from config.population.honest.consulting import consult, sign
from config.population.honest.dispensing import sell
from config.population.honest.professionals import GP, PHARMACY, SPECIALIST
from config.population.schemes.crime import DROPPED, Crime


def refill_mill(x: Crime) -> None:
    """A pharmacy renews monthly boxes every nine days, on fresh prescriptions of one obliging doctor."""
    who, doctor = x.culprit(PHARMACY), x.culprit(GP)
    ill = np.intersect1d(x.alive(), np.flatnonzero(x.c.members.treatments > 0))
    members = x.around(who, x.pick(6, 9, 14), ill)
    drug = x.rng.choice(
        x.c.items.of_role("DIABETES", "HYPERTENSION", "HEART", "ASTHMA"), len(members)
    )
    rounds = 6
    first = x.start(rounds * 12) + x.rng.integers(0, 6, len(members))
    for turn in range(rounds):
        day = first + turn * 9 + x.rng.integers(0, 3, len(members))
        claims = x.forge(doctor, members, x.times(day), drug, who)
        if turn:  # the first box of each was due
            x.label(claims, provider=who, member=members)
    x.accuse(provider=who)
    x.accuse(provider=doctor)


def shopper(x: Crime) -> None:
    """One person, many doctors, many pharmacies, the same sleeping pills each time."""
    adults = np.flatnonzero((x.c.members.age > 25) & (x.c.members.cancer < 0))
    town = x.c.places.is_village[x.c.members.place[adults]] == 0
    member = int(x.rng.choice(np.intersect1d(adults[town], x.alive())))
    shops, visits = x.pick(5, 6, 8), x.pick(12, 16, 24)
    doctors = _near(x, member, (GP, SPECIALIST), shops)
    pharmacies = _near(x, member, (PHARMACY,), shops)
    length = x.pick(200, 140, 90)
    at = x.spread(visits, x.start(length), length)
    who = doctors[np.arange(visits) % len(doctors)]
    act = np.array([x.c.providers.usual[each][0] for each in who])
    consult(x.c, who, np.full(visits, member), at, act)
    x.c.book.table("claims")["kept"][-visits:] = 1
    drug = x.rng.choice(x.c.items.of_role("CONTROLLED")[:4])
    claims = x.forge(
        who, member, at + 9, drug, pharmacies[x.rng.permutation(visits) % len(pharmacies)]
    )
    x.label(claims, member=member)
    x.accuse(member=member)


def _near(x: Crime, member: int, kinds: tuple[int, ...], count: int) -> Ints:
    """The professionals nearest to a person, the nearest thirty in disorder."""
    able = np.concatenate([x.c.providers.settled(kind) for kind in kinds])
    away = x.c.places.kilometres[x.c.members.place[member]][x.c.providers.place[able]]
    near = able[np.argsort(away, kind="stable")[: max(30, count)]]
    return x.rng.permutation(near)[:count]


def couple(x: Crime) -> None:
    """A doctor sends everybody to one pharmacy of another quarter, with dear boxes nobody needs."""
    doctor, who = x.culprit(GP, SPECIALIST, least=40), x.culprit(PHARMACY)
    town = x.c.places.town[x.c.providers.place]
    there = [p for p in x.c.providers.settled(PHARMACY) if town[p] == town[doctor]]
    free = [p for p in there if p not in x.court.taken]
    if free:
        x.court.taken.discard(who)
        who = int(x.rng.choice(free))
        x.take(who)
    _divert(x, doctor, who, x.pick(0.5, 0.7, 0.9))
    patients = x.patients(doctor)
    members = x.rng.choice(patients if len(patients) else x.alive(), x.pick(40, 60, 80))
    length = x.pick(180, 150, 120)
    at = x.spread(len(members), x.start(length), length)
    dear = x.c.items.of_role("HEART", "DIABETES", "ASTHMA")
    dear = dear[x.c.items.price[dear] >= 14_000]
    x.label(
        x.forge(doctor, members, at, x.rng.choice(dear, len(members)), who),
        provider=who,
        member=members,
    )
    x.accuse(provider=who)
    x.accuse(provider=doctor)


def _divert(x: Crime, doctor: int, pharmacy: int, share: float) -> None:
    """What the doctor's real patients collect goes to the pharmacy as well: not false, but steered."""
    claims, papers = x.c.book.table("claims"), x.c.book.table("prescriptions")
    sold = np.flatnonzero(claims["prescription"] != NONE)
    his = sold[papers["prescriber"][claims["prescription"][sold]] == doctor]
    his = his[x.rng.random(len(his)) < share]
    claims["provider"][his] = pharmacy
    x.c.book.keep(his)


def no_prescription(x: Crime) -> None:
    """Boxes without a prescription, before it was signed, after it ended, not on it, or above it."""
    who = x.culprit(PHARMACY)
    count = x.pick(4, 10, 20)
    papers, orders = x.c.book.table("prescriptions"), x.c.book.table("prescription_lines")
    sound = np.flatnonzero((orders["line"] == 1) & (orders["repeats"] == 0))
    living = np.isin(papers["member"][orders["prescription"][sound]], x.alive())
    signed = papers["signed_at"][orders["prescription"][sound]] // MINUTES
    free = ~np.isin(orders["prescription"][sound], _settled_sales(x))
    sound = sound[living & free & (signed > 20) & (signed < DAYS - 130)]
    chosen = x.rng.choice(sound, count, replace=False)
    paper, item = orders["prescription"][chosen], orders["item"][chosen]
    way = (np.arange(count) + x.rng.integers(0, 5)) % 5
    at = papers["signed_at"][paper] + 3 * MINUTES
    at = np.where(way == 1, at - 6 * MINUTES, at)
    at = np.where(way == 2, (papers["valid_until"][paper] + 12) * MINUTES + 700, at)
    other = x.rng.choice(x.c.items.of_role("MIND", "THYROID", "GLAUCOMA"), count)
    item = np.where(way == 3, other, item)
    boxes = np.where(way == 4, 4, 1) * x.c.items.boxes[item]
    claim = x.c.book.claim(
        provider=who,
        member=papers["member"][paper],
        submitted_at=x.c.submitted(at),
        sheet=np.where(way == 0, x.c.book.new_sheets(count), papers["sheet"][paper]),
        prescription=np.where(way == 0, NONE, paper),
        kept=1,
    )
    x.c.book.charge(
        claim=claim,
        line=1,
        item=item,
        quantity=boxes,
        charged=x.c.items.price[item] * boxes,
        at=at,
        days=x.c.items.days[item],
        prescription_line=np.where((way == 0) | (way == 3), NONE, 1),
    )
    _unsold(x, paper[way != 0])
    x.label(claim, provider=who, member=papers["member"][paper])
    x.accuse(provider=who)


def _settled_sales(x: Crime) -> Ints:
    """The prescriptions whose honest sale cannot be taken out: theirs are left alone."""
    claims = x.c.book.table("claims")
    return claims["prescription"][claims["kept"] == 1]


def _unsold(x: Crime, papers: Ints) -> None:
    """Nobody else sells on these prescriptions: an honest sale would look like the excess."""
    claims = x.c.book.table("claims")
    first = np.isin(claims["prescription"], papers) & (claims["kept"] == 0)
    claims["kept"][first] = DROPPED


def new_dealer(x: Crime) -> None:
    """A pharmacy just opened sells the dearest goods to people who never came, on bought prescriptions."""
    free = [p for p in x.court.dealers if p not in x.court.taken]
    who = int(free[0])
    x.take(who)
    doctor = x.culprit(GP, SPECIALIST, least=5)
    count, length = x.pick(12, 20, 35), 90
    members = x.around(who, count, km=40)
    first = int(x.c.providers.agreed_from[who]) + 10
    at = x.spread(count, first, length)
    drug = x.rng.choice(x.c.items.of_role("DEAR"), count)
    x.label(x.forge(doctor, members, at, drug, who), provider=who, member=members)
    x.accuse(provider=who)
    x.accuse(provider=doctor)


def stolen_key(x: Crime) -> None:
    """A doctor's key signs at night, in another town, for people the doctor never saw."""
    doctor = x.culprit(GP, SPECIALIST)
    home = x.c.places.kilometres[x.c.providers.place[doctor]]
    shops = x.c.providers.settled(PHARMACY)
    away = home[x.c.providers.place[shops]]
    far = shops[(away > 150) & (away < 450)]
    first_shop = int(x.rng.choice(far if len(far) else shops))
    near = x.c.places.kilometres[x.c.providers.place[first_shop]][x.c.providers.place[shops]]
    fences = shops[np.argsort(near, kind="stable")[: x.pick(4, 3, 2)]]
    count, length = x.pick(12, 20, 30), x.pick(50, 40, 25)
    members = x.around(first_shop, count, km=20)
    days = x.start(length) + np.sort(x.rng.integers(0, length, count))
    night = x.rng.random(count) < x.pick(0.3, 0.5, 0.8)
    minute = np.where(night, x.rng.integers(60, 300, count), x.rng.integers(540, 1_080, count))
    signed = days * MINUTES + minute
    drugs = x.rng.choice(x.c.items.of_role("CONTROLLED", "OPIOID", "DEAR"), count)
    shop = x.rng.choice(fences, count)
    x.label(_later(x, doctor, members, signed, drugs, shop), provider=doctor, member=members)
    x.accuse(provider=doctor)


def _later(x: Crime, doctor: int, members: Ints, signed: Ints, drugs: Any, shop: Ints) -> Ints:
    """Collected at an hour when pharmacies are open, on the day of the signature."""
    shape = signed.shape
    papers = sign(
        x.c, np.full(shape, doctor), members, signed, x.c.book.new_sheets(len(signed)), drugs
    )
    at = np.maximum(signed // MINUTES * MINUTES + x.rng.integers(540, 1_200, shape), signed + 20)
    return sell(x.c, papers, shop, at)
