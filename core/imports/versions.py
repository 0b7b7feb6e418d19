"""Comparing a list with what is stored, version by version. Pure: no database, no clock."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

Values = dict[str, Any]


class Extent(StrEnum):
    """How far the file speaks: for the whole list, for what it holds, or only for what is missing."""

    COMPLETE = "COMPLETE"
    PARTIAL = "PARTIAL"
    MISSING_ONLY = "MISSING_ONLY"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the file. A column it does not speak of is absent from `values`: it is inherited."""

    line: int
    key: str
    values: Values


@dataclass(frozen=True, slots=True)
class Version:
    """One stored version of an entry, in force on the day of the import."""

    id: UUID
    key: str
    start: date | None
    values: Values


@dataclass(frozen=True, slots=True)
class Change:
    """A stored version and the values that replace it, inherited columns included."""

    version: Version
    entry: Entry
    values: Values
    columns: frozenset[str]


@dataclass(slots=True)
class Difference:
    """What an import would do to a list."""

    new: list[Entry] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    ended: list[Version] = field(default_factory=list)
    unchanged: int = 0
    kept: int = 0


def compare(
    current: Mapping[str, Version],
    incoming: Iterable[Entry],
    *,
    extent: Extent,
    ignored: frozenset[str] = frozenset(),
    spoken_for: Callable[[str], bool] = lambda key: True,
    spared: frozenset[str] = frozenset(),
) -> Difference:
    """Sort the entries into new, changed and unchanged, and find the versions that end.

    `ignored` columns (where a value was read) are written but make no change by themselves.
    `spoken_for` tells whether a stored key belongs to the list the file publishes; `spared` keys
    (lines that were refused) never end.
    """
    difference = Difference()
    seen: set[str] = set()
    for entry in incoming:
        seen.add(entry.key)
        version = current.get(entry.key)
        if version is None:
            difference.new.append(entry)
            continue
        columns = frozenset(
            column
            for column, value in entry.values.items()
            if column not in ignored and version.values[column] != value
        )
        if not columns:
            difference.unchanged += 1
        elif extent is Extent.MISSING_ONLY:
            difference.kept += 1
        else:
            values = {**version.values, **entry.values}
            difference.changed.append(Change(version, entry, values, columns))
    if extent is Extent.COMPLETE:
        staying = seen | spared
        difference.ended = [
            version for key, version in current.items() if key not in staying and spoken_for(key)
        ]
    return difference
