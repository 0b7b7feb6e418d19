"""Strict readers of the exchange format: each names the place and what was expected there."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from core.money import parse_decimal, parse_dirhams, parse_rate
from core.periods import Period

# Longer numbers are nobody's amount, and would take the machine down.
MAX_DIGITS = 100
COEFFICIENT_DECIMALS = 2

_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_Name = TypeVar("_Name", bound=StrEnum)


class CaseError(ValueError):
    """A case that cannot be read; the message says where and what was expected."""


@dataclass(frozen=True, slots=True)
class Fields:
    """One JSON object of a case, and where it stands. A null value is an absent one."""

    where: str
    content: Mapping[str, Any]

    @classmethod
    def of(cls, where: str, value: object) -> "Fields":
        """The object itself. Raises CaseError for anything else."""
        if not isinstance(value, dict):
            raise CaseError(f"{where} is not an object")
        return cls(where, value)

    def has(self, name: str) -> bool:
        """Whether the key is there with a value."""
        return self.content.get(name) is not None

    def require(self, *names: str) -> None:
        """Raise CaseError for the first of the keys that is absent."""
        for name in names:
            if not self.has(name):
                raise CaseError(f"{self.where} has no {name!r}")

    def text(self, name: str) -> str | None:
        """A text."""
        value = self.content.get(name)
        if value is not None and not isinstance(value, str):
            raise self._wrong(name, "a text")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """True or false."""
        value = self.content.get(name)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return default if value is None else value

    def day(self, name: str) -> date | None:
        """A day, YYYY-MM-DD."""
        value = self.content.get(name)
        return None if value is None else _day(f"{self.where}, {name!r}", value)

    def quantity(self, name: str) -> int | None:
        """A whole number of one or more, written without a decimal point."""
        value = self.content.get(name)
        if value is None:
            return None
        if type(value) is not int or value < 1 or value >= 10**MAX_DIGITS:
            raise self._wrong(name, "a whole number of one or more")
        return value

    def dirhams(self, name: str) -> int | None:
        """Centimes of an amount in dirhams."""
        return self._parsed(name, parse_dirhams)

    def rate(self, name: str) -> int | None:
        """Basis points of a rate between 0 and 1."""
        return self._parsed(name, parse_rate)

    def coefficient(self, name: str) -> int | None:
        """Hundredths of a coefficient."""
        return self._parsed(name, lambda text: parse_decimal(text, COEFFICIENT_DECIMALS))

    def one_of(self, name: str, names: type[_Name]) -> _Name:
        """A required name of a closed list."""
        value = self.content.get(name)
        if not isinstance(value, str) or value not in set(names):
            raise CaseError(f"{self.where}: unknown {name} {_shown(value)}")
        return names(value)

    def name_in(self, name: str, known: Collection[str]) -> str | None:
        """A name the law knows."""
        value = self.text(name)
        if value is not None and value not in known:
            raise CaseError(f"{self.where}: unknown {name} {_shown(value)}")
        return value

    def period(self, name: str) -> Period | None:
        """A period: its first day, and the day after its last or null."""
        value = self.content.get(name)
        return None if value is None else _period(f"{self.where}, {name!r}", value)

    def periods(self, name: str) -> tuple[Period, ...]:
        """A list of periods, empty when absent."""
        return tuple(
            _period(f"{self.where}, {name!r} {number}", value)
            for number, value in enumerate(self._list(name), start=1)
        )

    def objects(self, name: str) -> tuple["Fields", ...]:
        """A list of objects, empty when absent."""
        return tuple(
            Fields.of(f"{self.where}, {name!r} {number}", value)
            for number, value in enumerate(self._list(name), start=1)
        )

    def _list(self, name: str) -> list[Any]:
        value = self.content.get(name)
        if value is not None and not isinstance(value, list):
            raise self._wrong(name, "a list")
        return value or []

    def _parsed(self, name: str, parse: Callable[[str], int]) -> int | None:
        value = self.content.get(name)
        if value is None:
            return None
        if isinstance(value, str) and len(value) > MAX_DIGITS:
            raise self._wrong(name, f"a number of at most {MAX_DIGITS} digits")
        try:
            return parse(value)
        except ValueError as error:
            raise CaseError(f"{self.where}, {name!r}: {error}") from error

    def _wrong(self, name: str, expected: str) -> CaseError:
        shown = _shown(self.content.get(name))
        return CaseError(f"{self.where}, {name!r}: {expected} was expected, not {shown}")


def _day(where: str, value: object) -> date:
    if not isinstance(value, str) or not _ISO_DAY.fullmatch(value):
        raise CaseError(f"{where}: a day YYYY-MM-DD was expected, not {_shown(value)}")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise CaseError(f"{where}: {value!r} is an impossible date") from error


def _period(where: str, value: object) -> Period:
    if not isinstance(value, list) or len(value) != 2:
        raise CaseError(f"{where}: a period is a list of a first day and an end")
    start, end = value
    return Period(_day(where, start), None if end is None else _day(where, end))


def _shown(value: object) -> str:
    """A short, safe rendering of what was found."""
    if isinstance(value, int) and abs(value) >= 10**MAX_DIGITS:
        return "a number too long to print"
    text = repr(value)
    return text if len(text) <= MAX_DIGITS else text[:MAX_DIGITS] + "..."
