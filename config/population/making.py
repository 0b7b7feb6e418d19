"""A population from a seed: an honest country, fourteen schemes in it, the claims that were asked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from config.population.honest.calendar import NONE
from config.population.honest.country import Country, make_country
from config.population.honest.professionals import PHARMACY
from config.population.honest.year import drop, live
from config.population.schemes import billing, drugs, identity
from config.population.schemes.crime import STRENGTHS, Court, Crime

_USUAL = 6_000  # professionals for which schemes have the number of instances below
# One professional in a hundred; the mix follows the Cnam's: tariff rules first, then fictions, then drugs.
MIX: Final[dict[str, tuple[Callable[[Crime], None], int]]] = {
    "PHANTOM": (billing.phantom, 6),
    "REPLAY": (billing.replay, 6),
    "UPCODING": (billing.upcoding, 6),
    "UNBUNDLING": (billing.unbundling, 6),
    "REFILL_MILL": (drugs.refill_mill, 4),
    "SHOPPER": (drugs.shopper, 5),
    "COUPLE": (drugs.couple, 4),
    "RING": (identity.ring, 2),
    "LENT_CARD": (identity.lent_card, 4),
    "AFTER_DEATH": (identity.after_death, 5),
    "NO_PRESCRIPTION": (drugs.no_prescription, 5),
    "NEW_DEALER": (drugs.new_dealer, 3),
    "IMPOSSIBLE_DAY": (billing.impossible_day, 2),
    "STOLEN_KEY": (drugs.stolen_key, 4),
}


@dataclass(frozen=True, slots=True)
class Population:
    """A country and its year, with what is true of it and never told to the rules."""

    country: Country
    labels: list[tuple[str, str, int, int, int, int]]


def make_population(
    *,
    members: int,
    providers: int,
    claims: int,
    seed: int,
    tell: Callable[[str], None] = lambda _line: None,
) -> Population:
    """The population of a seed: the same figures give the same rows on every machine."""
    country = make_country(members, providers, seed, tell)
    count = {name: _instances(usual, providers) for name, (_, usual) in MIX.items()}
    court = Court(country, dealers=_just_opened(country, count["NEW_DEALER"]))
    live(country, claims, tell)
    for name, (scheme, _) in MIX.items():
        first = int(country.rng.integers(STRENGTHS))
        for rank in range(count[name]):
            scheme(Crime(court, name, f"{name}-{rank + 1}", (first + rank) % STRENGTHS))
    _close(court, claims)
    tell(
        f"{sum(count.values())} instances of {len(MIX)} schemes, {country.book.sizes['claims']} claims"
    )
    return Population(country, court.labels)


def _instances(usual: int, providers: int) -> int:
    return max(1, round(usual * providers / _USUAL))


def _just_opened(country: Country, count: int) -> np.ndarray:
    """Pharmacies that open in the spring, with few customers: some will deal in dear goods."""
    shops = country.rng.permutation(country.providers.settled(PHARMACY))[:count]
    country.providers.agreed_from[shops] = country.rng.integers(30, 180, count)
    return shops


def _close(court: Court, claims: int) -> None:
    """Take out what schemes replaced, and short treatments until the claims asked for are left."""
    book = court.c.book
    rows = book.table("claims")
    gone = rows["kept"] < 0
    lines = book.table("claim_lines")
    acute = np.ones(len(gone), dtype=bool)
    acute[lines["claim"][lines["line"] > 3]] = False
    spare = np.flatnonzero((rows["kept"] == 0) & (rows["prescription"] != NONE) & acute)
    odd = [claim for *_, claim in court.c.oddities if claim >= 0]
    spare = np.setdiff1d(spare, odd)
    excess = max(0, int((~gone).sum()) - claims)
    gone[court.c.rng.permutation(spare)[:excess]] = True
    numbers = drop(court.c, gone)
    court.labels = [
        (scheme, instance, int(numbers[claim]) if claim >= 0 else -1, line, provider, member)
        for scheme, instance, claim, line, provider, member in court.labels
        if claim < 0 or numbers[claim] >= 0
    ]
