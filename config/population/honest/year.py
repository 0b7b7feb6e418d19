"""One honest year: everybody's care, without what death, lost rights or a closed practice forbid."""

from collections.abc import Callable

import numpy as np

from config.population.book import Table
from config.population.honest import consulting, dispensing, orders
from config.population.honest.calendar import NONE, Ints
from config.population.honest.country import Country
from config.population.honest.oddities import ODDITIES

# Care is made in excess, then short treatments not collected are dropped to reach the number asked.
_EXCESS = 1.06
_USUAL = 300_000  # claims for which oddities have their usual number


def live(c: Country, claims: int, tell: Callable[[str], None]) -> None:
    """Fill the country's book with about `claims` honest claims and a few more."""
    many = claims * _EXCESS
    acute = consulting.general_practice(c, int(many * consulting.GENERAL))
    acute += consulting.specialist_care(c, int(many * consulting.SPECIALISTS))
    for written in acute:
        dispensing.dispense(c, written)
    tell(f"consultations and short treatments: {c.book.sizes['claims']} claims")
    for written in consulting.chronic_care(c, int(many * consulting.CHRONIC)):
        dispensing.renew(c, written)
    tell(f"chronic treatments: {c.book.sizes['claims']} claims")
    orders.analyses(c, int(many * orders.ANALYSES))
    orders.pictures(c, int(many * orders.PICTURES))
    orders.teeth(c, int(many * orders.TEETH))
    orders.sessions(c, int(many * orders.SESSIONS))
    orders.stays(c, int(many * orders.STAYS))
    orders.dialysis(c)
    for oddity in ODDITIES:
        oddity(c, claims / _USUAL)
    tell(f"all care: {c.book.sizes['claims']} claims, {len(c.oddities)} oddities listed")
    drop(c, _impossible(c))


def drop(c: Country, gone: np.ndarray) -> Ints:
    """Take claims out of the book with their lines; give the new number of each claim, or -1.

    A prescription goes with the consultation in which it was signed, and with it what was collected.
    """
    claims, papers = c.book.table("claims"), c.book.table("prescriptions")
    consulted = gone & (claims["prescription"] == NONE)
    lost = np.isin(papers["sheet"], claims["sheet"][consulted])
    gone = gone | _of(lost, claims["prescription"])
    numbers, paper_numbers = _renumber(gone), _renumber(lost)
    _shrink(c, "claims", ~gone)
    _shrink(c, "prescriptions", ~lost)
    _shrink(c, "prescription_lines", ~lost[c.book.table("prescription_lines")["prescription"]])
    _shrink(c, "claim_lines", ~gone[c.book.table("claim_lines")["claim"]])
    c.book.table("claim_lines")["claim"] = numbers[c.book.table("claim_lines")["claim"]]
    orders_of = c.book.table("prescription_lines")
    orders_of["prescription"] = paper_numbers[orders_of["prescription"]]
    kept = c.book.table("claims")
    signed = kept["prescription"] != NONE
    kept["prescription"][signed] = paper_numbers[kept["prescription"][signed]]
    c.oddities = [
        (name, provider, member, int(numbers[claim]) if claim >= 0 else -1)
        for name, provider, member, claim in c.oddities
        if claim < 0 or numbers[claim] >= 0
    ]
    return numbers


def _impossible(c: Country) -> np.ndarray:
    """Claims of an honest year that cannot be: after death, without rights, closed, twice, in two places."""
    claims, lines = c.book.table("claims"), c.book.table("claim_lines")
    day = np.full(len(claims["member"]), -1)
    day[lines["claim"]] = lines["care_date"]
    member, provider = claims["member"], claims["provider"]
    people, offer = c.members, c.providers
    gone = day < 0
    gone |= (people.death[member] != NONE) & (day > people.death[member])
    gone |= (people.rights_until[member] != NONE) & (day > people.rights_until[member])
    gone |= day < offer.agreed_from[provider]
    gone |= (offer.agreed_until[provider] != NONE) & (day > offer.agreed_until[provider])
    gone[_twice(claims, lines)] = True
    return gone | _away(c, claims, day)


def _twice(claims: Table, lines: Table) -> Ints:
    """Claims that repeat an act of another claim: same person, professional, act and day."""
    keys = [
        lines["care_date"],
        lines["item"],
        *(claims[k][lines["claim"]] for k in ("provider", "member")),
    ]
    order = np.lexsort(keys)
    same = np.ones(len(order) - 1, dtype=bool)
    for key in keys:
        same &= np.diff(key[order]) == 0
    same &= np.diff(lines["claim"][order]) != 0
    return np.unique(np.maximum(lines["claim"][order][1:][same], lines["claim"][order][:-1][same]))


def _away(c: Country, claims: Table, day: Ints) -> np.ndarray:
    """Acts elsewhere while the person lay in a hospital bed (medicines may be collected by family)."""
    stays = c.book.table("stays")
    gone = np.zeros(len(day), dtype=bool)
    by_member = np.argsort(claims["member"], kind="stable")
    sorted_members = claims["member"][by_member]
    first = np.searchsorted(sorted_members, stays["member"], side="left")
    last = np.searchsorted(sorted_members, stays["member"], side="right")
    for at in range(len(first)):
        mine = by_member[first[at] : last[at]]
        inside = (day[mine] >= stays["admitted"][at]) & (day[mine] <= stays["discharged"][at])
        other = (claims["provider"][mine] != stays["provider"][at]) & (
            claims["prescription"][mine] == NONE
        )
        gone[mine[inside & other]] = True
    return gone


def _of(flags: np.ndarray, at: Ints) -> np.ndarray:
    """The flag of what each element points at; false where it points at nothing."""
    there = at != NONE
    found = np.zeros(len(at), dtype=bool)
    found[there] = flags[at[there]]
    return found


def _renumber(gone: np.ndarray) -> Ints:
    return np.where(gone, -1, np.cumsum(~gone) - 1)


def _shrink(c: Country, table: str, keep: np.ndarray) -> None:
    rows = c.book.table(table)
    for column in rows:
        rows[column] = rows[column][keep]
    c.book.sizes[table] = int(keep.sum())
