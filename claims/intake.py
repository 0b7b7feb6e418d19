"""The shape every entrance produces for a care claim: checked, not yet judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from claims.adjudication.as_shown import Cause, Known


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


@dataclass(frozen=True, slots=True)
class Shown:
    """What a screen without network showed of a document, as its envelope says and as it was verified.

    `lines`: centimes by position. `known`: the facts and the law the device had, once the engine gave the
    same amounts with them; None where they cannot be had, and `fault` then says why. `seen_on`: the day
    of what it knew of the patient; None when it took that for granted. `day`: of the signature.
    """

    pack: str
    lines: Mapping[int, int]
    day: date
    known: Known | None = None
    seen_on: date | None = None
    fault: Cause | None = None
