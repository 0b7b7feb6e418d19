"""Poison tables A, B, C, and what a prescription of narcotics may not ask. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class PoisonTable(StrEnum):
    """Tables of the dahir of 2 December 1922."""

    TOXIC = "A"
    NARCOTIC = "B"
    DANGEROUS = "C"


class NarcoticFault(StrEnum):
    """What a prescription of narcotics may not ask."""

    TOO_LONG = "TOO_LONG"
    REPEATED = "REPEATED"


@dataclass(frozen=True, slots=True)
class Listing:
    """A substance of a table since a day, and the text that says so."""

    table: PoisonTable
    first_day: date
    source: str


@dataclass(frozen=True, slots=True)
class Control:
    """The table of a medicine; `is_checked` is False where our list says nothing of it."""

    table: PoisonTable | None
    is_checked: bool
    source: str = ""


NOT_CHECKED = Control(table=None, is_checked=False)


def control_of(inn: str, listed: Mapping[str, Listing], day: date) -> Control:
    """Return the table of a substance on a day.

    Of a combination nothing is said: below a strength the tables exempt some, and our list has no
    strengths.
    """
    listing = listed.get(inn.strip().upper())
    if listing is None or listing.first_day > day:
        return NOT_CHECKED
    return Control(table=listing.table, is_checked=True, source=listing.source)


def listings(groups: Iterable[Mapping[str, object]]) -> dict[str, Listing]:
    """Return the listed substances of a typed file. Raises ValueError for a name listed twice."""
    found: dict[str, Listing] = {}
    for group in groups:
        first_day, names = group["first_day"], group["substances"]
        if not isinstance(first_day, date) or not isinstance(names, list):
            raise ValueError("a group of substances has a first day and a list")
        listing = Listing(PoisonTable(str(group["table"])), first_day, str(group["source"]))
        for name in names:
            if name in found:
                raise ValueError(f"{name} is listed twice")
            found[str(name)] = listing
    return found


def is_injectable(form: str) -> bool:
    """Whether a form of the medicine list is injected."""
    return "INJECTABLE" in form.upper()


def narcotic_faults(
    *, days: int, longest_days: int, is_repeated: bool, may_repeat: bool
) -> tuple[NarcoticFault, ...]:
    """Dire ce qu'une ordonnance de stupéfiants ne peut pas demander.

    La durée ne dépasse pas celle de la loi (article 34), et l'ordonnance ne se renouvelle pas (article 33).

    Référence : dahir du 2 décembre 1922 (amo-facts, section 6).
    """
    faults = []
    if days > longest_days:
        faults.append(NarcoticFault.TOO_LONG)
    if is_repeated and not may_repeat:
        faults.append(NarcoticFault.REPEATED)
    return tuple(faults)
