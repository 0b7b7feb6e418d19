"""The law by day: parameters with dated values and their references, handed in as data.

Standard library only: ``legislation/loader.py`` reads the YAML, ``Law.from_dict`` takes the same
content from JSON. A value holds from its first day until the next one; a value ``announced`` is
kept and shown, never used.
"""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from claims.adjudication.facts import Sector
from claims.adjudication.families import wrong_shape
from claims.adjudication.parameters import (
    ANNOUNCED,
    IN_FORCE,
    SINGLE,
    LawError,
    Parameter,
    Value,
    parameter_from_dict,
    parameter_to_dict,
)

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


class NoLawInForce(LookupError):
    """No value of a parameter is in force on a day. Never answered by a default."""

    def __init__(self, key: str, day: date) -> None:
        super().__init__(f"no value of {key} is in force on {day.isoformat()}")
        self.key = key
        self.day = day


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
        for earlier, later in pairwise(ordered):
            if earlier.key == later.key:
                raise LawError(f"{later.key}: the parameter is given twice", key=later.key)
        self._parameters = {parameter.key: parameter for parameter in ordered}
        self._in_force = {key: _in_force(each) for key, each in self._parameters.items()}
        self._check_complete()
        self._changes = sorted({day for days, _values in self._in_force.values() for day in days})
        # What was asked of each stretch of days on which no figure changes.
        self._answers: list[dict[str, Any]] = [{} for _ in range(len(self._changes) + 1)]
        self._days: dict[date, LawOn] = {}
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
        return {"parameters": {key: parameter_to_dict(p) for key, p in self._parameters.items()}}

    def at(self, day: date) -> "LawOn":
        """The law of one day."""
        known = self._days.get(day)
        if known is None:
            known = LawOn(self, day, self._answers[bisect_right(self._changes, day)])
            self._days[day] = known
        return known

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
        """Every parameter has its family's shape; what the engine asks for has a value, and no end."""
        for key, parameter in self._parameters.items():
            if wrong := wrong_shape(key, dict(parameter.units)):
                raise LawError(f"{key}: {wrong}", key=key)
        names = sorted(self.frequency_names())
        wanted = [*_REQUIRED, *(f"frequencies.{n}.{who}" for n in names for who in _AGES)]
        for key in wanted:
            days, values = self._in_force.get(key, ((), ()))
            if not days:
                raise LawError(f"{key}: no value in force, and the engine needs one", key=key)
            if values[-1].numbers is None:
                raise LawError(f"{key}: a gap from {days[-1].isoformat()} on", key=key)


_AGES = ("adult", "minor")


@dataclass(frozen=True, slots=True)
class LawOn:
    """The law of one day. Every question raises NoLawInForce when nothing answers it.

    ``answers`` keeps what was asked before, by parameter: the same on days between two changes.
    """

    law: Law
    day: date
    answers: dict[str, Any] = field(repr=False, compare=False)

    def number(self, key: str, part: str = SINGLE) -> int:
        """One figure of a parameter, in its unit."""
        return self._numbers(key)[part]

    def numbers(self, key: str) -> dict[str, int]:
        """All figures of a parameter, by name."""
        return self._numbers(key).copy()

    def _numbers(self, key: str) -> dict[str, int]:
        numbers: dict[str, int] | None = self.answers.get(key)
        if numbers is None:
            numbers = dict(self.law.value_on(key, self.day).numbers or ())
            self.answers[key] = numbers
        return numbers

    def reference(self, key: str) -> str:
        """The text the value comes from, or "to be confirmed"."""
        return self.law.value_on(key, self.day).reference

    def rate(self, name: str) -> int:
        """A reimbursement rate in basis points: ``standard_act``, ``tadamon_public``..."""
        return self._numbers("rates." + name)[SINGLE]

    def letter_value(self, letter: str, sector: Sector) -> tuple[int, str]:
        """Value of a key letter in a sector, in centimes, and the parameter that says it."""
        key = "key_letters." + letter + "." + sector
        return self._numbers(key)[SINGLE], key

    def age(self, name: str) -> int:
        """An age in years: ``child``, ``student``, ``majority``."""
        return self._numbers("ages." + name)[SINGLE]

    def delay(self, name: str) -> int:
        """A delay in the unit its name ends with: ``filing_months``, ``hold_max_days``..."""
        return self._numbers("delays." + name)[SINGLE]

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
        letters: frozenset[str] | None = self.answers.get("accumulated letters")
        if letters is None:
            numbers = self._numbers("accumulation.letters")
            letters = frozenset(letter for letter, applies in numbers.items() if applies)
            self.answers["accumulated letters"] = letters
        return letters

    def accumulation_factors(self) -> tuple[int, int, int]:
        """Share of the tariff in basis points: first act, second act, each further act."""
        numbers = self.numbers("accumulation.factors")
        return numbers["first"], numbers["second"], numbers["further"]

    def act_minutes(self, letter: str) -> int:
        """Usual minutes of an act of that letter; 0 for a letter without a known duration."""
        key = "act_minutes." + letter
        return self._numbers(key)[SINGLE] if self.law.knows(key) else 0


def frequency_key(name: str, *, minor: bool) -> str:
    """Key of the parameter that rules a frequency at that age."""
    return f"frequencies.{name}.{'minor' if minor else 'adult'}"


def _in_force(parameter: Parameter) -> tuple[tuple[date, ...], tuple[Value, ...]]:
    values = tuple(value for value in parameter.values if value.status == IN_FORCE)
    return tuple(value.first_day for value in values), values


def _is(key: str, family: str) -> bool:
    return key.split(".")[0] == family
