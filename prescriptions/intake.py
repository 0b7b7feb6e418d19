"""The shapes every entrance produces for a prescription and for a dispensing: checked, not yet judged."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Substance:
    """A medicine named by its substance (INN), strength and form, as the medicine list writes them."""

    name: str
    strength: str
    unit: str
    form: str


@dataclass(frozen=True, slots=True)
class Order:
    """What is ordered where it is not a medicine; `act` is a code of the nomenclature, or empty."""

    kind: str
    act: str


@dataclass(frozen=True, slots=True)
class PrescribedLine:
    """One thing prescribed: doses are decimal strings ("0.5"), as written and signed.

    Exactly one of `ean`, `inn`, `wording` alone (a formula to compound) and `order` says what, by `kind`.
    """

    position: int
    ean: str
    morning: str
    noon: str
    evening: str
    days: int
    boxes: int
    substitution: bool
    illness: str | None
    bedtime: str = "0"
    kind: str = "MEDICINE"
    inn: Substance | None = None
    order: Order | None = None
    wording: str = ""
    over_maximum: bool = False


@dataclass(frozen=True, slots=True)
class Repeats:
    """How many times in all a prescription is dispensed, and how many days apart."""

    count: int
    every_days: int


@dataclass(frozen=True, slots=True)
class AnsweredAlert:
    """A safety alert the prescriber saw and overrode, with the coded reason given."""

    key: str
    reason: str
    note: str


@dataclass(frozen=True, slots=True)
class PrescriptionDraft:
    """A prescription as its signed document says it."""

    fse_number: str
    device: str
    inpe: str
    patient: UUID
    written_on: date
    lines: tuple[PrescribedLine, ...]
    starts_on: date | None = None
    repeats: Repeats | None = None
    secret: str = ""
    alerts: tuple[AnsweredAlert, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """What one box bears; each may be missing, not all."""

    batch: str | None = None
    expires_on: date | None = None
    serial: str | None = None


@dataclass(frozen=True, slots=True)
class DispensedLine:
    """What was done with the prescribed line of the same position; the charge covers all its boxes.

    `outcome` is None in version 1 of the document: it follows from the boxes. A line of version 2 that
    hands nothing over has no EAN, no box and no charge.
    """

    position: int
    ean: str | None
    boxes: int
    charged_centimes: int
    outcome: str | None = None
    reason: str | None = None
    substitution: str | None = None
    packs: tuple[Pack, ...] = ()


@dataclass(frozen=True, slots=True)
class DispensingDraft:
    """A dispensing as its signed document says it; `given` are the lines that hand something over."""

    fse_number: str
    device: str
    inpe: str
    patient: UUID
    dispensed_on: date
    third_party_payment: bool
    lines: tuple[DispensedLine, ...]
    instance: int | None = None
    replaces: str | None = None

    @property
    def given(self) -> tuple[DispensedLine, ...]:
        return tuple(line for line in self.lines if line.boxes)
