"""Strict readers of packed texts: each names the place and what was expected there."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from json.encoder import encode_basestring_ascii
from typing import Any, NoReturn, TypeVar

from core.periods import Period

VERSION = "1"
_SHOWN = 60
_NAMES = {
    int: "a whole number",
    str: "a text",
    bool: "true or false",
    list: "a list",
    dict: "names",
}
_T = TypeVar("_T")

encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


class PackingError(ValueError):
    """A text the packing did not write; the message says where and what was expected there."""


def written(item: Any) -> str:
    """One item as ASCII JSON: numbers and texts sooner than an encoder of anything."""
    if type(item) is int:
        return str(item)
    return encode_basestring_ascii(item) if type(item) is str else encode(item)


def flat(items: Iterable[Any]) -> str:
    """A list as ASCII JSON."""
    return f"[{','.join([written(item) for item in items])}]"


def read(where: str, text: str) -> "Items":
    """The list of a text that ``write`` gave. Raises PackingError."""
    if not isinstance(text, str) or not text.startswith(VERSION + "["):
        raise PackingError(f"{where}: version {VERSION} was expected, not {_shown(text)}")
    try:
        return Items(where, json.loads(text[len(VERSION) :], parse_constant=_no_constant))
    except PackingError:
        raise
    except (ValueError, RecursionError) as error:
        raise PackingError(f"{where}: not a packed text: {error}") from error


def _no_constant(name: str) -> NoReturn:
    raise PackingError(f"{name} is not a packed value")


def of_type(kind: type[_T], value: object, where: str) -> _T:
    """The value itself. Raises PackingError when it is of another type, a flag for a number too."""
    if type(value) is not kind:
        raise PackingError(f"{where}: {_NAMES[kind]} was expected, not {_shown(value)}")
    return value


def day_before(today: int, days: object, where: str) -> date:
    """The day so many days before the ordinal ``today``. Raises PackingError."""
    back = of_type(int, days, where)
    try:
        return date.fromordinal(today - back)
    except (ValueError, OverflowError) as error:
        raise PackingError(f"{where}: {_shown(days)} leaves the calendar") from error


@dataclass(slots=True)
class Items:
    """A list read from its start; ``where`` says what it is in messages."""

    where: str
    content: Any
    place: int = 0

    def __post_init__(self) -> None:
        of_type(list, self.content, self.where)

    def next(self, name: str) -> Any:
        """The next item, whatever it is."""
        if self.is_read:
            raise PackingError(f"{self.where}: {name} is missing")
        self.place += 1
        return self.content[self.place - 1]

    def a(self, kind: type[_T], name: str) -> _T:
        """The next item, of that type."""
        return of_type(kind, self.next(name), f"{self.where}, {name}")

    def maybe(self, kind: type[_T], name: str) -> _T | None:
        """The next item, of that type or null."""
        value = self.next(name)
        return None if value is None else of_type(kind, value, f"{self.where}, {name}")

    def day(self, name: str, today: int) -> date:
        """The next item, days before ``today``."""
        return day_before(today, self.next(name), f"{self.where}, {name}")

    def one_of(self, name: str, codes: Mapping[_T, int]) -> _T:
        """What the next item is the code of."""
        code = self.a(int, name)
        for value, known in codes.items():
            if known == code:
                return value
        raise PackingError(f"{self.where}, {name}: unknown code {_shown(code)}")

    def periods(self, name: str, today: int) -> tuple[Period, ...]:
        """All items left: first day and end of each period, a last end that is missing is open."""
        found = []
        while not self.is_read:
            start = self.day(f"{name}, first day", today)
            end = None if self.is_read else self.next(f"{name}, end")
            where = f"{self.where}, {name}, end"
            found.append(Period(start, None if end is None else day_before(today, end, where)))
        return tuple(found)

    def lists(self, name: str) -> list["Items"]:
        """The next item, a list of lists."""
        return nested(self.a(list, f"{name}s"), name)

    @property
    def is_read(self) -> bool:
        """Whether nothing is left."""
        return self.place >= len(self.content)

    def end(self) -> None:
        """Raise PackingError when something is left."""
        if not self.is_read:
            raise PackingError(f"{self.where}: {_shown(self.content[self.place])} is too much")


def nested(content: object, name: str) -> list[Items]:
    """Readers of a list of lists, each named by its place."""
    rows = of_type(list, content, f"the {name}s")
    return [Items(f"{name} {place}", row) for place, row in enumerate(rows, start=1)]


def _shown(value: object) -> str:
    """A short rendering of what was found."""
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
