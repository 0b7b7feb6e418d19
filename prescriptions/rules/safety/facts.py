"""The small sourced tables typed by us, read once from `facts/*.yaml`. Pure.

What is not in them is told as not checked: a table that ends is no proof that nothing is known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from prescriptions.rules.safety.alerts import Level, Source
from prescriptions.rules.safety.names import Dictionary, fold

FOLDER = Path(__file__).parent / "facts"
Words = Mapping[str, str]  # by language: fr, ar
NO_WORDS: Words = {"fr": "", "ar": ""}


@dataclass(frozen=True, slots=True)
class Group:
    """Substances that share an allergy, and the groups it may cross to, each with its level."""

    code: str
    name: Words
    atc: tuple[str, ...]
    level: Level
    crossed: Mapping[str, Level]


@dataclass(frozen=True, slots=True)
class Caution:
    """A use that a source forbids or restrains; `level` None says it was looked at and is allowed."""

    code: str
    atc: tuple[str, ...]
    level: Level | None
    source: Source
    why: Words
    instead: Words
    when: Words
    below_months: int | None = None
    from_months: int | None = None
    illnesses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Maxima:
    """Most milligrams a day of each substance, for an adult and by mouth."""

    milligrams: Mapping[str, int]
    adult_from_months: int
    source: Source


@dataclass(frozen=True, slots=True)
class Facts:
    """Every table."""

    synonyms: Mapping[str, str]
    atc: Mapping[str, tuple[str, ...]]
    atc_source: Source
    duplicates: Mapping[str, Words]
    enough: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, Group]
    allergy_source: Source
    pregnancy: tuple[Caution, ...]
    breast_feeding: tuple[Caution, ...]
    ages: tuple[Caution, ...]
    illnesses: tuple[Caution, ...]
    maxima: Maxima
    dictionary: Dictionary

    def codes(self, substance: str) -> tuple[str, ...]:
        """ATC codes of a substance; none where the table has no line for it."""
        name = self.dictionary.find(substance)
        return self.atc.get(name, ()) if name else ()

    def name(self, substance: str) -> str:
        """The name under which our tables know a substance, or its own."""
        return self.dictionary.find(substance) or fold(substance)

    def classes_of_one(self, substance: str) -> tuple[str, ...]:
        """The classes of a substance of which one treatment is enough (`duplicates`)."""
        name = self.dictionary.find(substance)
        return self.enough.get(name, ()) if name else ()


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the product on one day."""

    repeat_days: int
    early_share_percent: int
    demotion_shown: int
    demotion_percent: int
    demotion_people: int
    demotion_days: int


@cache
def facts() -> Facts:
    """The tables as they are shipped. Raises KeyError or ValueError when a file is malformed."""
    atc, allergies, pregnancy, patients, maxima = (
        _read(name) for name in ("atc", "allergies", "pregnancy", "patients", "maxima")
    )
    synonyms: dict[str, str] = _read("synonyms")["synonyms"]
    codes = {fold(name): tuple(line.split()) for name, line in atc["codes"].items()}
    known = {*codes, *(fold(name) for name in maxima["milligrams"])}
    return Facts(
        synonyms=synonyms,
        atc=codes,
        atc_source=_source(atc),
        duplicates=atc["duplicates"],
        enough={
            name: tuple(each for each in atc["duplicates"] if belongs(of, [each]))
            for name, of in codes.items()
        },
        groups={code: _group(code, each) for code, each in allergies["groups"].items()},
        allergy_source=_source(allergies),
        pregnancy=_cautions(pregnancy, "pregnancy"),
        breast_feeding=_cautions(pregnancy, "breast_feeding"),
        ages=_cautions(patients, "ages"),
        illnesses=_cautions(patients, "illnesses"),
        maxima=Maxima(
            {fold(name): int(most) for name, most in maxima["milligrams"].items()},
            int(maxima["adult_from_months"]),
            _source(maxima),
        ),
        dictionary=Dictionary(known, synonyms),
    )


@cache
def settings_on(day: date) -> Settings:
    """The settings in force on a day. Raises ValueError before the first of them."""
    dated = {date.fromisoformat(key): each for key, each in _read("settings")["values"].items()}
    begun = [start for start in dated if start <= day]
    if not begun:
        raise ValueError(f"no safety settings on {day}")
    return Settings(**dated[max(begun)])


def _read(name: str) -> dict[str, Any]:
    found = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"{name}.yaml is not a mapping")
    return found


def _source(table: Mapping[str, Any]) -> Source:
    return Source(str(table["source"]), date.fromisoformat(str(table["edition"])))


def _group(code: str, each: Mapping[str, Any]) -> Group:
    crossed = {name: Level(level) for name, level in each["crossed"].items()}
    return Group(code, each["name"], tuple(each["atc"]), Level(each["level"]), crossed)


def _cautions(table: Mapping[str, Any], name: str) -> tuple[Caution, ...]:
    edition = date.fromisoformat(str(table["edition"]))
    return tuple(
        Caution(
            code=f"{name}:{'+'.join(each['atc'])}",
            atc=tuple(each["atc"]),
            level=Level(each["level"]) if each["level"] else None,
            source=Source(table["sources"][each["source"]], edition),
            why=each.get("why", NO_WORDS),
            instead=each.get("instead", NO_WORDS),
            when=each.get("when", NO_WORDS),
            below_months=each.get("below_months"),
            from_months=each.get("from_months"),
            illnesses=tuple(each.get("illness", ())),
        )
        for each in table[name]
    )


def belongs(codes: Iterable[str], beginnings: Iterable[str]) -> bool:
    """Whether one of these ATC codes is in one of these classes."""
    starts = tuple(beginnings)
    return any(code.startswith(starts) for code in codes)
