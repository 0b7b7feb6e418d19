"""One parameter of the law: a figure, or a few that change together, with dated values and sources.

Standard library only. A value holds from its first day until the next one; a value ``announced`` is
kept and shown, never used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

TO_BE_CONFIRMED = "to be confirmed"
IN_FORCE = "in_force"
ANNOUNCED = "announced"
SINGLE = "value"
UNITS = frozenset(
    {"centimes", "basis_points", "months", "days", "years", "minutes", "seconds", "uses", "applies"}
)
_PARAMETER_KEYS = {"description", "unit", "values"}
_VALUE_KEYS = {"from", "value", "reference", "status", "checked_on", "note"}


class LawError(ValueError):
    """The law as written cannot be used; the message names the parameter and what is wrong.

    ``key`` is that parameter's, when the law as a whole is wrong and not one file.
    """

    def __init__(self, message: str, *, key: str = "") -> None:
        super().__init__(message)
        self.key = key


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


def parameter_to_dict(parameter: Parameter) -> dict[str, Any]:
    """Plain content that ``parameter_from_dict`` reads back."""
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
