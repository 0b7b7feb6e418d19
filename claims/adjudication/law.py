"""The law by day: parameters with dated values and their references, handed in as data.

Standard library only: ``legislation/loader.py`` reads the YAML, ``Law.from_dict`` takes the same
content from JSON. A value holds from its first day until the next one; a value ``announced`` is
kept and shown, never used.
"""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from claims.adjudication.facts import Sector

TO_BE_CONFIRMED = "to be confirmed"
IN_FORCE = "in_force"
ANNOUNCED = "announced"
SINGLE = "value"
UNITS = frozenset(
    {"centimes", "basis_points", "months", "days", "years", "minutes", "uses", "applies"}
)
_PARAMETER_KEYS = {"description", "unit", "values"}
_VALUE_KEYS = {"from", "value", "reference", "status", "checked_on", "note"}

# What the engine asks by name: a law without one of these is refused when it is loaded.
_REQUIRED = (
    "rates.standard_act",
    "rates.long_illness",
    "rates.long_illness_public",
    "rates.tadamon_public",
    "ages.child",
    "ages.student",
    "ages.majority",
    "delays.filing_months",
    "delays.continuous_treatment_days",
    "accumulation.letters",
    "accumulation.factors",
    "principles.rights",
    "principles.provider_agreement",
    "principles.cover",
    "principles.medicine_base",
    "principles.medicine_rate",
    "principles.flat_tariff",
    "principles.prior_approval",
    "principles.amount",
)


class LawError(ValueError):
    """The law as written cannot be used; the message names the parameter and what is wrong."""


class NoLawInForce(LookupError):
    """No value of a parameter is in force on a day. Never answered by a default."""

    def __init__(self, key: str, day: date) -> None:
        super().__init__(f"no value of {key} is in force on {day.isoformat()}")
        self.key = key
        self.day = day


@dataclass(frozen=True, slots=True)
class Value:
    """What a parameter is worth from a day on; ``numbers`` is None where the law ended it."""

    first_day: date
    numbers: tuple[tuple[str, int], ...] | None
    reference: str
    status: str = IN_FORCE
    checked_on: date | None = None
    note: str | None = None

    @property
    def is_confirmed(self) -> bool:
        """Whether the value has a source of its own."""
        return self.reference != TO_BE_CONFIRMED


@dataclass(frozen=True, slots=True)
class Parameter:
    """One figure of the law, or a few that change together: name, unit of each, dated values."""

    key: str
    description: str
    units: tuple[tuple[str, str], ...]
    values: tuple[Value, ...]

    def __post_init__(self) -> None:
        _check_units(self)
        _check_days(self)
        _check_numbers(self)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """At most ``amount_centimes`` reimbursed in any window of ``period_months``."""

    amount_centimes: int
    period_months: int


@dataclass(frozen=True, slots=True)
class Frequency:
    """At most ``limit`` uses in any window of ``period_months``."""

    limit: int
    period_months: int


class Law:
    """All parameters, immutable once made. ``at(day)`` gives the figures of a day."""

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        ordered = sorted(parameters, key=lambda parameter: parameter.key)
        self._parameters = {parameter.key: parameter for parameter in ordered}
        if len(self._parameters) != len(ordered):
            raise LawError("a parameter is given twice")
        self._in_force = {key: _in_force(each) for key, each in self._parameters.items()}
        self._check_complete()
        content = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"))
        self.digest = hashlib.sha256(content.encode()).hexdigest()

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Law":
        """The law from what ``to_dict`` gave. Raises LawError."""
        if not isinstance(content, Mapping) or set(content) != {"parameters"}:
            raise LawError("the law is an object with one key, 'parameters'")
        parameters = content["parameters"]
        if not isinstance(parameters, Mapping):
            raise LawError("'parameters' must be a mapping")
        return cls(parameter_from_dict(key, each) for key, each in parameters.items())

    def to_dict(self) -> dict[str, Any]:
        """Plain content for JSON: whole numbers in the units of the core, ISO days."""
        return {"parameters": {key: _parameter_dict(p) for key, p in self._parameters.items()}}

    def at(self, day: date) -> "LawOn":
        """The law of one day."""
        return LawOn(self, day)

    def parameter(self, key: str) -> Parameter:
        """One parameter with all its values. Raises KeyError."""
        return self._parameters[key]

    def knows(self, key: str) -> bool:
        """Whether the law has such a parameter, whatever its days."""
        return key in self._parameters

    def keys(self) -> tuple[str, ...]:
        """Every parameter's key, sorted."""
        return tuple(self._parameters)

    def ceiling_names(self) -> frozenset[str]:
        """Names a care line may carry as its ceiling."""
        return frozenset(key.split(".")[1] for key in self._parameters if _is(key, "ceilings"))

    def frequency_names(self) -> frozenset[str]:
        """Names a care line may carry as its frequency."""
        return frozenset(key.split(".")[1] for key in self._parameters if _is(key, "frequencies"))

    def to_be_confirmed(self) -> tuple[tuple[str, date], ...]:
        """Key and first day of every value whose source is still to be confirmed."""
        return self._listed(lambda value: not value.is_confirmed)

    def announced(self) -> tuple[tuple[str, date], ...]:
        """Key and first day of every value announced and not applied."""
        return self._listed(lambda value: value.status == ANNOUNCED)

    def value_on(self, key: str, day: date) -> Value:
        """The value in force. Raises NoLawInForce before the first day, after the end, and for
        a key the law does not know.
        """
        days, values = self._in_force.get(key, ((), ()))
        position = bisect_right(days, day) - 1
        if position < 0 or values[position].numbers is None:
            raise NoLawInForce(key, day)
        return values[position]

    def _listed(self, wanted: Callable[[Value], bool]) -> tuple[tuple[str, date], ...]:
        return tuple(
            (key, value.first_day)
            for key, parameter in self._parameters.items()
            for value in parameter.values
            if wanted(value)
        )

    def _check_complete(self) -> None:
        names = sorted(self.frequency_names())
        wanted = [*_REQUIRED, *(f"frequencies.{n}.{who}" for n in names for who in _AGES)]
        for key in wanted:
            if not self._in_force.get(key, ((), ()))[0]:
                raise LawError(f"{key}: no value in force, and the engine needs one")


_AGES = ("adult", "minor")


@dataclass(frozen=True, slots=True)
class LawOn:
    """The law of one day. Every question raises NoLawInForce when nothing answers it."""

    law: Law
    day: date

    def number(self, key: str, part: str = SINGLE) -> int:
        """One figure of a parameter, in its unit."""
        return self.numbers(key)[part]

    def numbers(self, key: str) -> dict[str, int]:
        """All figures of a parameter, by name."""
        return dict(self.law.value_on(key, self.day).numbers or ())

    def reference(self, key: str) -> str:
        """The text the value comes from, or "to be confirmed"."""
        return self.law.value_on(key, self.day).reference

    def rate(self, name: str) -> int:
        """A reimbursement rate in basis points: ``standard_act``, ``tadamon_public``..."""
        return self.number(f"rates.{name}")

    def letter_value(self, letter: str, sector: Sector) -> tuple[int, str]:
        """Value of a key letter in a sector, in centimes, and the parameter that says it."""
        key = f"key_letters.{letter}.{sector}"
        return self.number(key), key

    def age(self, name: str) -> int:
        """An age in years: ``child``, ``student``, ``majority``."""
        return self.number(f"ages.{name}")

    def delay(self, name: str) -> int:
        """A delay in the unit its name ends with: ``filing_months``, ``hold_max_days``..."""
        return self.number(f"delays.{name}")

    def ceiling(self, name: str) -> Ceiling:
        """Amount and window of a ceiling."""
        numbers = self.numbers(f"ceilings.{name}")
        return Ceiling(numbers["amount"], numbers["period"])

    def frequency(self, name: str, *, minor: bool) -> Frequency:
        """Limit and window of a frequency, for an adult or for a minor."""
        numbers = self.numbers(frequency_key(name, minor=minor))
        return Frequency(numbers["limit"], numbers["period"])

    def accumulated_letters(self) -> frozenset[str]:
        """Key letters whose acts of one provider and one day are taken together."""
        numbers = self.numbers("accumulation.letters")
        return frozenset(letter for letter, applies in numbers.items() if applies)

    def accumulation_factors(self) -> tuple[int, int, int]:
        """Share of the tariff in basis points: first act, second act, each further act."""
        numbers = self.numbers("accumulation.factors")
        return numbers["first"], numbers["second"], numbers["further"]

    def act_minutes(self, letter: str) -> int:
        """Usual minutes of an act of that letter; 0 for a letter without a known duration."""
        key = f"act_minutes.{letter}"
        return self.number(key) if self.law.knows(key) else 0


def frequency_key(name: str, *, minor: bool) -> str:
    """Key of the parameter that rules a frequency at that age."""
    return f"frequencies.{name}.{'minor' if minor else 'adult'}"


def parameter_from_dict(key: str, content: Mapping[str, Any]) -> Parameter:
    """One parameter from plain content. Raises LawError naming the key."""
    _check_keys(key, content, _PARAMETER_KEYS, _PARAMETER_KEYS)
    values = content["values"]
    if not isinstance(values, list) or not values:
        raise LawError(f"{key}: 'values' must list at least one value")
    return Parameter(
        key,
        _text(key, "description", content["description"]),
        _pairs(key, "unit", content["unit"]),
        tuple(_value_from_dict(key, value) for value in values),
    )


def _value_from_dict(key: str, content: Mapping[str, Any]) -> Value:
    _check_keys(key, content, _VALUE_KEYS, {"from", "value", "reference"})
    first_day = _day(key, "from", content["from"])
    where = f"{key}, {first_day.isoformat()}"
    numbers, checked, note = content["value"], content.get("checked_on"), content.get("note")
    return Value(
        first_day,
        None if numbers is None else _pairs(where, "value", numbers),
        _text(where, "reference", content["reference"]),
        content.get("status", IN_FORCE),
        None if checked is None else _day(where, "checked_on", checked),
        None if note is None else _text(where, "note", note),
    )


def _check_keys(
    where: str, content: Mapping[str, Any], allowed: set[str], required: set[str]
) -> None:
    if not isinstance(content, Mapping):
        raise LawError(f"{where}: a mapping was expected, not {content!r}")
    for key in sorted(set(content) - allowed):
        raise LawError(f"{where}: unknown key {key!r}")
    for key in sorted(required - set(content)):
        raise LawError(f"{where}: {key!r} is missing")


def _pairs(where: str, name: str, content: Any) -> tuple[tuple[str, Any], ...]:
    if not isinstance(content, Mapping) or not content:
        raise LawError(f"{where}: {name!r} must be a mapping")
    return tuple(sorted(content.items()))


def _text(where: str, name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise LawError(f"{where}: {name!r} must be a text")
    return value


def _day(where: str, name: str, value: object) -> date:
    try:
        day = date.fromisoformat(_text(where, name, value))
    except ValueError as error:
        raise LawError(f"{where}: {name!r} is not a day: {value!r}") from error
    if day.isoformat() != value:
        raise LawError(f"{where}: {name!r} is not written YYYY-MM-DD: {value!r}")
    return day


def _check_units(parameter: Parameter) -> None:
    for name, unit in parameter.units:
        if not isinstance(unit, str) or unit not in UNITS:
            raise LawError(f"{parameter.key}: unknown unit {unit!r} of {name!r}")


def _check_days(parameter: Parameter) -> None:
    """Days ascend within each status, and nothing follows an end: that would leave a gap."""
    for status in (IN_FORCE, ANNOUNCED):
        values = [value for value in parameter.values if value.status == status]
        for earlier, later in pairwise(values):
            where = f"{parameter.key}, {later.first_day.isoformat()}"
            if earlier.first_day == later.first_day:
                raise LawError(f"{where}: the day is given twice")
            if earlier.first_day > later.first_day:
                raise LawError(f"{where}: the days are not in order")
            if earlier.numbers is None:
                raise LawError(f"{where}: a gap since {earlier.first_day.isoformat()}")


def _check_numbers(parameter: Parameter) -> None:
    names = {name for name, _unit in parameter.units}
    for value in parameter.values:
        where = f"{parameter.key}, {value.first_day.isoformat()}"
        if value.status not in (IN_FORCE, ANNOUNCED):
            raise LawError(f"{where}: unknown status {value.status!r}")
        if value.numbers is None:
            continue
        if {name for name, _number in value.numbers} != names:
            raise LawError(f"{where}: the value must give {', '.join(sorted(names))}")
        for name, number in value.numbers:
            if type(number) is not int or number < 0:
                raise LawError(f"{where}: {name!r} is not a whole number of zero or more")


def _in_force(parameter: Parameter) -> tuple[tuple[date, ...], tuple[Value, ...]]:
    values = tuple(value for value in parameter.values if value.status == IN_FORCE)
    return tuple(value.first_day for value in values), values


def _is(key: str, family: str) -> bool:
    return key.split(".")[0] == family


def _parameter_dict(parameter: Parameter) -> dict[str, Any]:
    return {
        "description": parameter.description,
        "unit": dict(parameter.units),
        "values": [_value_dict(value) for value in parameter.values],
    }


def _value_dict(value: Value) -> dict[str, Any]:
    return {
        "from": value.first_day.isoformat(),
        "value": None if value.numbers is None else dict(value.numbers),
        "reference": value.reference,
        "status": value.status,
        "checked_on": value.checked_on.isoformat() if value.checked_on else None,
        "note": value.note,
    }
