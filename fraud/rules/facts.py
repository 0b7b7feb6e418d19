"""What a detector is told of a claim, and what it answers: frozen values, no database, no clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

Row = dict[str, str | int]


class Detector(StrEnum):
    """Names of the detectors, stored with each signal."""

    SAME_CARE_AGAIN = "SAME_CARE_AGAIN"
    CARE_AFTER_DEATH = "CARE_AFTER_DEATH"
    MORE_THAN_A_DAY = "MORE_THAN_A_DAY"
    # Told by the sync room, not looked for: it opens a case and holds nothing.
    HANDED_OVER_TWICE = "HANDED_OVER_TWICE"


class CareKind(StrEnum):
    """What a line is about."""

    ACT = "ACT"
    MEDICINE = "MEDICINE"


@dataclass(frozen=True, slots=True)
class CareFacts:
    """One line of the claim: `code` is the act's code or the medicine's EAN."""

    position: int
    kind: CareKind
    code: str
    care_date: date
    quantity: int


@dataclass(frozen=True, slots=True)
class OtherCareFacts:
    """A line of another live claim of the same person and provider, on a day of this claim.

    `is_payable`: that claim already went through the detectors and money may leave for it.
    """

    claim_id: str
    fse_number: str
    received_at: datetime
    is_payable: bool
    position: int
    kind: CareKind
    code: str
    care_date: date


@dataclass(frozen=True, slots=True)
class DayFacts:
    """Usual minutes of all acts the provider billed for a day, this claim's included."""

    day: date
    minutes: int


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """One claim as the detectors see it."""

    claim_id: str
    fse_number: str
    received_at: datetime
    death_date: date | None
    lines: tuple[CareFacts, ...]
    others: tuple[OtherCareFacts, ...]
    days: tuple[DayFacts, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a detector saw: the threshold it compares with, and the very rows it saw.

    Rows hold integers, codes and ISO days only: sentences are rendered from them, never stored.
    """

    detector: Detector
    threshold: str
    rows: tuple[Row, ...]


Detect = Callable[[ClaimFacts], Finding | None]
