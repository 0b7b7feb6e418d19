"""The shape every entrance produces for a care claim: checked, not yet judged."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ActLine:
    """One act done on one day; the charge covers the whole line, all quantities."""

    position: int
    act: str
    quantity: int
    charged_centimes: int
    care_date: date
    illness: str | None


@dataclass(frozen=True, slots=True)
class CareClaimDraft:
    """A provider's care claim as its signed document says it."""

    fse_number: str
    device: str
    inpe: str
    patient: UUID
    third_party_payment: bool
    treatment_end_date: date | None
    lines: tuple[ActLine, ...]
