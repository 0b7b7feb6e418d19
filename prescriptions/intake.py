"""The shapes every entrance produces for a prescription and for a dispensing: checked, not yet judged."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PrescribedLine:
    """One medicine to take: doses are decimal strings ("0.5"), as written and signed."""

    position: int
    ean: str
    morning: str
    noon: str
    evening: str
    days: int
    boxes: int
    substitution: bool
    illness: str | None


@dataclass(frozen=True, slots=True)
class PrescriptionDraft:
    """A prescription as its signed document says it."""

    fse_number: str
    device: str
    inpe: str
    patient: UUID
    written_on: date
    lines: tuple[PrescribedLine, ...]


@dataclass(frozen=True, slots=True)
class DispensedLine:
    """Boxes handed over for the prescribed line of the same position; the charge covers them all."""

    position: int
    ean: str
    boxes: int
    charged_centimes: int


@dataclass(frozen=True, slots=True)
class DispensingDraft:
    """A dispensing as its signed document says it."""

    fse_number: str
    device: str
    inpe: str
    patient: UUID
    dispensed_on: date
    third_party_payment: bool
    lines: tuple[DispensedLine, ...]
