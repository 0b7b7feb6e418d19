"""The dated thresholds of the rules, read from `thresholds.yaml`; integers only."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("thresholds.yaml")
WEIGHT = "weight"


class ThresholdOutOfRange(ValueError):
    """A threshold outside the bounds written beside it, or that no rule has."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """One figure of one rule: its unit, the bounds a person may move it in, and its source."""

    unit: str
    minimum: int
    maximum: int
    source: str
    values: tuple[tuple[date, int], ...]

    def at(self, day: date) -> int:
        """The figure in force on a day; the first one before it began."""
        in_force = [value for since, value in self.values if since <= day]
        return in_force[-1] if in_force else self.values[0][1]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Every figure of every rule, by rule and by name."""

    figures: Mapping[str, Mapping[str, Threshold]] = field(default_factory=dict)

    def at(self, day: date) -> dict[str, dict[str, int]]:
        """The figures in force on a day, by rule and by name."""
        return {
            rule: {name: each.at(day) for name, each in names.items()}
            for rule, names in self.figures.items()
        }

    def changed(self, rule: str, values: Mapping[str, int], *, since: date) -> "Thresholds":
        """The same figures with some of a rule's moved from a day on. Raises ThresholdOutOfRange."""
        figures = {name: dict(each) for name, each in self.figures.items()}
        for name, value in values.items():
            known = figures.get(rule, {}).get(name)
            if known is None:
                raise ThresholdOutOfRange(f"{rule}.{name}: no such threshold")
            check(f"{rule}.{name}", known, value)
            kept = tuple(each for each in known.values if each[0] < since)
            figures[rule][name] = replace(known, values=(*kept, (since, value)))
        return Thresholds(figures)


def check(key: str, figure: Threshold, value: int) -> None:
    """Raise ThresholdOutOfRange unless a value is a whole number inside the figure's bounds."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ThresholdOutOfRange(f"{key}: {value!r} is not a whole number")
    if not figure.minimum <= value <= figure.maximum:
        raise ThresholdOutOfRange(
            f"{key}: {value} is outside {figure.minimum} to {figure.maximum} {figure.unit}"
        )


def load(text: str | None = None) -> Thresholds:
    """The figures of a text, of the house's file without one. Raises ThresholdOutOfRange."""
    raw: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(text or FILE.read_text("utf-8"))
    return Thresholds(
        {
            rule: {name: _figure(f"{rule}.{name}", each) for name, each in names.items()}
            for rule, names in raw.items()
        }
    )


def _figure(key: str, raw: Mapping[str, Any]) -> Threshold:
    values = tuple(sorted(raw["values"].items()))
    figure = Threshold(raw["unit"], raw["minimum"], raw["maximum"], raw["source"], values)
    for _since, value in values:
        check(key, figure, value)
    return figure
