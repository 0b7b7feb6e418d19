"""The words of a safety check: what goes in, and what comes out. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from prescriptions.rules.safety.names import components


class Level(StrEnum):
    """What a source says of an association or a use, in the thesaurus' own four levels.

    CONDITIONAL: the source holds several levels that depend on a dose, a route, a substance or the
    patient; none of them is asserted, the conditions are shown.
    """

    CONTRAINDICATED = "CONTRAINDICATED"
    NOT_RECOMMENDED = "NOT_RECOMMENDED"
    PRECAUTION = "PRECAUTION"
    CONSIDER = "CONSIDER"
    CONDITIONAL = "CONDITIONAL"


RANK = {
    Level.CONTRAINDICATED: 4,
    Level.NOT_RECOMMENDED: 3,
    Level.PRECAUTION: 2,
    Level.CONSIDER: 1,
}


class Severity(StrEnum):
    """How an alert is shown: an interrupting table, one line, or an icon."""

    CRITICAL = "CRITICAL"
    MODERATE = "MODERATE"
    INFORMATION = "INFORMATION"


class Kind(StrEnum):
    """What was checked."""

    INTERACTION = "INTERACTION"
    DUPLICATE = "DUPLICATE"
    ALLERGY = "ALLERGY"
    PREGNANCY = "PREGNANCY"
    BREAST_FEEDING = "BREAST_FEEDING"
    AGE = "AGE"
    MAXIMUM_DOSE = "MAXIMUM_DOSE"
    LONG_ILLNESS = "LONG_ILLNESS"
    EARLY_RENEWAL = "EARLY_RENEWAL"


class Gap(StrEnum):
    """Why something was not checked."""

    SUBSTANCE_UNKNOWN = "SUBSTANCE_UNKNOWN"  # the source does not know this substance
    NO_TABLE = "NO_TABLE"  # our small table holds no line for this substance
    NO_ATC = "NO_ATC"
    NO_SUBSTANCE = "NO_SUBSTANCE"  # the list gives no INN
    NOT_A_MEDICINE = "NOT_A_MEDICINE"  # a formula to compound: not a product of the list
    PATIENT_UNKNOWN = "PATIENT_UNKNOWN"  # age, pregnancy... were not given
    DOSE_UNKNOWN = "DOSE_UNKNOWN"  # no dose, or one that cannot be turned into milligrams
    HISTORY_CLOSED = "HISTORY_CLOSED"  # the patient did not consent to show it
    THESAURUS_MISSING = "THESAURUS_MISSING"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact comes from, and the day of that edition."""

    name: str
    edition: date


@dataclass(frozen=True, slots=True)
class Product:
    """A presentation of the list, or an INN prescribed as such (`ean` is then empty)."""

    ean: str
    label: str
    inn: str
    form: str = ""
    strength: str = ""
    strength_unit: str = ""

    @property
    def substances(self) -> tuple[str, ...]:
        return components(self.inn)


@dataclass(frozen=True, slots=True)
class Treatment:
    """A product to take from one day to another (excluded), `per_day` units a day.

    `position` is the line's on the prescription being checked; None for a treatment of the history,
    which carries who wrote it.
    """

    product: Product
    starts: date
    ends: date
    per_day: Fraction | None = None
    position: int | None = None
    prescriber: str = ""

    @property
    def is_new(self) -> bool:
        return self.position is not None


@dataclass(frozen=True, slots=True)
class Allergy:
    """A substance (`inn`) or a class (`atc`) that the patient does not tolerate."""

    inn: str = ""
    atc: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is known of the patient; None is unknown, never « no »."""

    birth_date: date | None = None
    age_years: int | None = None
    sex: str | None = None
    pregnant: bool | None = None
    breast_feeding: bool | None = None
    allergies: tuple[Allergy, ...] | None = None
    illnesses: tuple[str, ...] | None = None

    def months_on(self, day: date) -> int | None:
        """Completed months of age; from whole years where the birth date is unknown."""
        if self.birth_date is None:
            return None if self.age_years is None else self.age_years * 12
        whole = (day.year - self.birth_date.year) * 12 + day.month - self.birth_date.month
        return whole - (day.day < self.birth_date.day)


@dataclass(frozen=True, slots=True)
class Case:
    """One check: the treatments written or handed over now, the patient, and what is still running."""

    day: date
    new: tuple[Treatment, ...]
    patient: Patient = field(default_factory=Patient)
    history: tuple[Treatment, ...] = ()
    history_is_open: bool = True

    @property
    def current(self) -> tuple[Treatment, ...]:
        """Treatments of the history that overlap the new ones."""
        last = max((each.ends for each in self.new), default=self.day)
        return tuple(each for each in self.history if each.ends > self.day and each.starts < last)


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the levels of a conditional entry, with the source's words."""

    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class Alert:
    """Something a professional should know before this treatment, with its source.

    `key` names the same problem in every check of a patient. `mechanism` (why) and `advice` (what instead)
    are in the languages their source has: the thesaurus is in French only. `level` is the gravest one that
    the source asserts; CONDITIONAL where everything it says of the pair depends on a condition. `conditions`
    are the levels of its conditional entries, and `applies` the one of them that the facts select, where it
    is graver than `level`.
    """

    key: str
    kind: Kind
    level: Level
    severity: Severity
    treatments: tuple[Treatment, ...]
    pair: tuple[str, ...]
    mechanism: Mapping[str, str]
    advice: Mapping[str, str]
    source: Source
    conditions: tuple[Condition, ...] = ()
    applies: Level | None = None
    local_route: bool = False

    @property
    def positions(self) -> tuple[int, ...]:
        found = {each.position for each in self.treatments if each.position is not None}
        return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class NotChecked:
    """A check that could not be made, on what, and why."""

    kind: Kind
    gap: Gap
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Alerts, gravest first, and everything that was not checked."""

    alerts: tuple[Alert, ...]
    not_checked: tuple[NotChecked, ...]

    def of(self, kind: Kind) -> tuple[Alert, ...]:
        return tuple(alert for alert in self.alerts if alert.kind is kind)


_SHOWN = {
    Level.CONTRAINDICATED: Severity.CRITICAL,
    Level.NOT_RECOMMENDED: Severity.MODERATE,
    Level.PRECAUTION: Severity.MODERATE,
    Level.CONSIDER: Severity.INFORMATION,
    Level.CONDITIONAL: Severity.MODERATE,
}
_ORDER = {Severity.CRITICAL: 0, Severity.MODERATE: 1, Severity.INFORMATION: 2}


LONGEST_KEY = 200
_NOT_IN_KEYS = re.compile(r"[^a-z0-9.,-]+")


def alert_key(kind: Kind, *names: str) -> str:
    """The name of a problem, whoever has it: its kind and its substances, plain letters only."""
    words = (_NOT_IN_KEYS.sub("_", name.lower()).strip("_") for name in names)
    return f"{kind}:{'+'.join(words)}"[:LONGEST_KEY]


def severity_of(level: Level, applies: Level | None = None) -> Severity:
    """How a level is shown; a conditional one as the level the facts select, else as one line."""
    return _SHOWN[applies or level]


def most_severe(severities: Iterable[Severity]) -> Severity:
    """The one that takes the most attention. Raises ValueError where there is none."""
    return min(severities, key=_ORDER.__getitem__)


def gravest_first(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """Critical, then moderate, then information; in a stable order inside."""
    return tuple(sorted(alerts, key=lambda each: (_ORDER[each.severity], each.kind, each.key)))
