"""What each family of parameters must look like: the names and units the engine will ask for.

A parameter the engine would never find (a misspelt folder, sector or figure) is a silent gap; here
it is an error. Standard library only.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from claims.adjudication.facts import Sector

Units = Mapping[str, str]
_DELAYS = ("months", "days", "minutes")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


@dataclass(frozen=True, slots=True)
class Family:
    """Shapes its parameters may have, and the last part of their keys where they come in variants."""

    shapes: tuple[Units, ...]
    variants: frozenset[str] = frozenset()


def _single(*units: str) -> tuple[Units, ...]:
    return tuple({"value": unit} for unit in units)


FAMILIES: Mapping[str, Family] = {
    "accumulation": Family(
        ({"first": "basis_points", "second": "basis_points", "further": "basis_points"},)
    ),
    "act_minutes": Family(_single("minutes")),
    "ages": Family(_single("years")),
    "ceilings": Family(({"amount": "centimes", "period": "months"},)),
    "delays": Family(_single(*_DELAYS)),
    "flat_tariffs": Family(_single("centimes")),
    "frequencies": Family(({"limit": "uses", "period": "months"},), frozenset({"adult", "minor"})),
    "guarantees": Family(
        _single("basis_points"),
        frozenset({"CARD", "ONE_TIME_CODE", "PORTAL_QR", "ATTESTATION", "NONE"}),
    ),
    "key_letters": Family(_single("centimes"), frozenset(Sector)),
    "offline": Family(
        (
            {
                "contact": "minutes",
                "contact_in_outage": "minutes",
                "sheets": "uses",
                "insured_day": "centimes",
                "box": "centimes",
                "warning": "basis_points",
            },
            {"drift": "seconds", "margin": "seconds"},
            {
                "lists": "applies",
                "law": "applies",
                "used": "applies",
                "known": "days",
                "most": "centimes",
            },
            *_single("centimes"),
        )
    ),
    "offline_amounts": Family(
        _single("centimes"),
        frozenset(
            {
                "DOCTOR",
                "DENTIST",
                "PHARMACY",
                "LABORATORY",
                "RADIOLOGY",
                "PARAMEDIC",
                "OPTICIAN",
                "ESTABLISHMENT",
            }
        ),
    ),
    "paper": Family(({"smallest": "uses", "largest": "uses", "blank": "uses"},)),
    "payment_calendar": Family(
        (
            {"working_days": "days", "minute": "minutes"},
            {"first": "days", "second": "days"},
            dict.fromkeys(_WEEKDAYS, "applies"),
        )
    ),
    "presence": Family(
        (
            {"minutes": "minutes", "attempts": "uses", "an_hour": "uses"},
            {"minutes": "minutes"},
        )
    ),
    "principles": Family(_single("applies")),
    "rates": Family(
        (*_single("basis_points"), {"lowest": "basis_points", "highest": "basis_points"})
    ),
    "recoveries": Family(_single("basis_points"), frozenset({"insured", "provider"})),
}


def wrong_shape(key: str, units: Units) -> str:
    """What is wrong with a parameter of that key and those units, or an empty text."""
    name, *rest = key.split(".")
    family = FAMILIES.get(name)
    if family is None:
        return f"unknown family {name!r}; the law has {', '.join(FAMILIES)}"
    if len(rest) != (2 if family.variants else 1):
        return f"a key of {name!r} has {'a variant' if family.variants else 'no variant'}"
    if family.variants and rest[1] not in family.variants:
        return f"unknown variant {rest[1]!r}; expected {' or '.join(sorted(family.variants))}"
    if name == "delays" and {rest[0].rsplit("_", 1)[-1]} != set(units.values()):
        return "the name of a delay ends with its unit"
    return "" if _fits(key, family, units) else f"the units {dict(units)} are not those of {name!r}"


def _fits(key: str, family: Family, units: Units) -> bool:
    if key == "accumulation.letters":
        return set(units.values()) == {"applies"}
    if key.startswith("delays."):
        return set(units.values()) <= set(_DELAYS)
    return any(dict(units) == dict(shape) for shape in family.shapes)
