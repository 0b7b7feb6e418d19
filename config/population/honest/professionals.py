"""Professionals and establishments: kinds, specialities, places, practices, openings and retirements."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from config.population.columns import PROVIDER_KINDS
from config.population.honest.calendar import NONE, Floats, Ints
from config.population.honest.places import Places, Supply, supply
from config.population.honest.sources import Items, read_list

GP, SPECIALIST, DENTIST, PHARMACY, LABORATORY, RADIOLOGY, CLINIC, HOSPITAL = range(8)
# Offer of care: 5,978 private GPs, 11,235 specialists, 4,885 dentists, 9,939 pharmacies, 439 clinics,
# 159 hospitals beside health centres (carte sanitaire 2023-2024); laboratories and radiology to be confirmed.
_ODDS = (0.20, 0.28, 0.14, 0.30, 0.025, 0.015, 0.02, 0.02)
_REACH_KM = (7.0, 30.0, 10.0, 5.0, 15.0, 20.0, 50.0, 40.0)
_SPREAD = 0.6  # of how much each attracts, on a logarithmic scale
_GROUPED = 0.18
_OPENED, _RETIRING = 0.012, 0.006
_ATTRACTS = {CLINIC: 8.0, HOSPITAL: 12.0, LABORATORY: 3.0, RADIOLOGY: 3.0}
PHYSIOTHERAPY: Final = "Kinésithérapie"


@dataclass(slots=True)
class Providers:
    """Professionals by position; `fee` is in basis points of the tariff, `usual` are acts of the speciality."""

    kind: Ints
    speciality: list[str]
    public: Ints
    place: Ints
    latitude: Floats
    longitude: Floats
    agreed_from: Ints
    agreed_until: Ints
    practice: Ints
    account: Ints
    pull: Floats
    fee: Ints
    usual: list[Ints]
    supplies: dict[str, Supply]

    def __len__(self) -> int:
        return len(self.kind)

    def of_kind(self, kind: int) -> Ints:
        """The positions of one kind."""
        return np.flatnonzero(self.kind == kind)

    def settled(self, kind: int) -> Ints:
        """Those of one kind whose agreement covers the whole year."""
        whole = (self.agreed_from < 0) & (self.agreed_until == NONE)
        return np.flatnonzero((self.kind == kind) & whole)


def make_providers(count: int, places: Places, items: Items, rng: np.random.Generator) -> Providers:
    """`count` professionals where people live; specialists and clinics in towns."""
    kind = np.sort(rng.choice(8, size=count, p=_ODDS))
    kind[:16] = np.repeat(np.arange(8), 2)  # a small country has two of each
    kind = np.sort(kind)
    place = _homes(kind, places, rng)
    speciality, usual = _specialities(kind, items, rng)
    latitude, longitude = places.scatter(place, rng)
    opened = rng.random(count) < _OPENED
    retiring = (rng.random(count) < _RETIRING) & ~opened & (kind < PHARMACY)
    pull = np.exp(rng.normal(0, _SPREAD, count)) * np.vectorize(lambda k: _ATTRACTS.get(k, 1.0))(
        kind
    )
    practice, account = _practices(kind, place, rng)
    made = Providers(
        kind=kind,
        speciality=speciality,
        public=np.where(kind == HOSPITAL, 1, 0),
        place=place,
        latitude=latitude,
        longitude=longitude,
        agreed_from=np.where(
            opened, rng.integers(20, 250, count), -rng.integers(200, 6_000, count)
        ),
        agreed_until=np.where(retiring, rng.integers(120, 330, count), NONE),
        practice=practice,
        account=account,
        pull=pull,
        fee=np.array([10_000, 11_000, 12_500, 15_000, 18_000])[rng.integers(0, 5, count)],
        usual=usual,
        supplies={},
    )
    made.fee[np.isin(kind, (PHARMACY, HOSPITAL, CLINIC))] = 10_000
    _gather(made, places)
    return made


def _homes(kind: Ints, places: Places, rng: np.random.Generator) -> Ints:
    """Where each works: GPs and pharmacies follow people, the others towns; every place has both."""
    village = places.is_village == 1
    follow = np.where(village, places.people * 0.6, places.people)
    towns = np.where(village, 0.0, places.people)
    home = rng.choice(len(places), size=len(kind), p=follow / follow.sum())
    in_town = ~np.isin(kind, (GP, PHARMACY, HOSPITAL))
    home[in_town] = rng.choice(len(places), size=int(in_town.sum()), p=towns / towns.sum())
    for each in (GP, PHARMACY):
        empty = np.setdiff1d(np.arange(len(places)), home[kind == each])
        rng.shuffle(empty)
        spare = np.flatnonzero((kind == each) & ~village[home])[: len(empty)]
        home[spare] = empty[: len(spare)]
    return home


def _specialities(
    kind: Ints, items: Items, rng: np.random.Generator
) -> tuple[list[str], list[Ints]]:
    """The speciality of each specialist by the counts of the directory, and its usual acts."""
    known = read_list("specialities")
    weights = known["practitioners"].astype(float).to_numpy()
    drawn = rng.choice(len(known), size=len(kind), p=weights / weights.sum())
    first = np.flatnonzero(kind == SPECIALIST)[: len(known)]
    drawn[first] = np.arange(len(first))
    acts = [items.acts(text) for text in known["acts"]]
    general, nothing = items.acts("C;V"), np.empty(0, dtype=np.int64)
    names, usual = [], []
    for each, at in zip(kind, drawn, strict=True):
        names.append(known["speciality"][at] if each == SPECIALIST else _NAMES.get(int(each), ""))
        usual.append(acts[at] if each == SPECIALIST else general if each == GP else nothing)
    return names, usual


def _practices(kind: Ints, place: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Group practices of two to five doctors of one place, half of which share a bank account."""
    practice = np.full(len(kind), NONE)
    account = np.arange(len(kind))
    doctors = np.flatnonzero((kind <= SPECIALIST) & (rng.random(len(kind)) < _GROUPED))
    for at in np.unique(place[doctors]):
        there = doctors[place[doctors] == at]
        cuts = np.cumsum(rng.integers(2, 6, len(there)))
        for group in np.split(there, cuts[cuts < len(there)]):
            if len(group) > 1:
                practice[group] = group[0]
                account[group] = group[0] if rng.random() < 0.5 else group
    return practice, account


def _gather(made: Providers, places: Places) -> None:
    """How people reach each kind, and each speciality, from everywhere."""
    for kind, name in enumerate(PROVIDER_KINDS):
        made.supplies[name] = _supply(made, places, made.of_kind(kind), _REACH_KM[kind])
    for name in sorted(set(made.speciality) - set(_NAMES.values()) - {""}):
        who = np.array([at for at in made.of_kind(SPECIALIST) if made.speciality[at] == name])
        made.supplies[name] = _supply(made, places, who, _REACH_KM[SPECIALIST])
    doctors = np.array(
        [at for at in made.of_kind(SPECIALIST) if made.speciality[at] != PHYSIOTHERAPY]
    )
    made.supplies["DOCTORS"] = _supply(made, places, doctors, _REACH_KM[SPECIALIST])


def _supply(made: Providers, places: Places, who: Ints, reach_km: float) -> Supply:
    return supply(who, made.place[who], made.pull[who], places, reach_km)


_NAMES = {GP: "Médecine générale", DENTIST: "Médecine dentaire", PHARMACY: "Pharmacie"}
_NAMES |= {LABORATORY: "Biologie médicale", RADIOLOGY: "Radiologie"}
