"""What the engine is told about a claim: frozen values, integers, days. Nothing is looked up.

Amounts in centimes, rates in basis points, coefficients in hundredths (docs/adjudication.md).
What stands once a line is a NamedTuple: made by the thousand, seven times sooner than a frozen dataclass.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from core.periods import Period


class Relation(StrEnum):
    """What the patient is to the insured person."""

    SELF = "self"
    SPOUSE = "spouse"
    CHILD = "child"


class Scheme(StrEnum):
    """The insurance scheme that covers the patient."""

    SALARIED = "SALARIED"
    SELF_EMPLOYED = "SELF_EMPLOYED"
    ACHAMIL = "ACHAMIL"
    TADAMON = "TADAMON"
    PENSIONER = "PENSIONER"


class Sector(StrEnum):
    """Sector of a provider: a dimension of tariffs and rates."""

    PRIVATE = "PRIVATE"
    PUBLIC = "PUBLIC"


class LineKind(StrEnum):
    """An act of the nomenclature, or a medicine of the list."""

    ACT = "ACT"
    MEDICINE = "MEDICINE"


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """The person treated."""

    birth_date: date
    relation: Relation
    student: bool = False
    married: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class IllnessFacts:
    """A long illness recognised for the patient; ``rate`` in basis points, None when unknown."""

    code: str
    rate: int | None
    valid: Period
    category: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """Who executed lines of the claim; ``id`` is the name its lines use."""

    id: str
    sector: Sector
    agreements: tuple[Period, ...] = ()


@dataclass(frozen=True, slots=True)
class PriorApprovalFacts:
    """An approval and the quantity it still allows; ``id`` is handed back when it is consumed."""

    act: str
    quantity: int
    valid: Period
    id: str | None = None


class PaidBefore(NamedTuple):
    """What another claim was reimbursed under a ceiling, in centimes."""

    ceiling: str
    care_date: date
    reimbursed: int


class UsedBefore(NamedTuple):
    """A use another claim made of a frequency."""

    frequency: str
    care_date: date


class LineFacts(NamedTuple):
    """One line of the claim. ``charged`` is the whole line, all quantities, in centimes.

    An act has ``letter`` and ``coefficient`` (hundredths), or ``flat_tariff`` (centimes), or both:
    the flat tariff then gives the amount and the letter the accumulation group. A medicine has
    ``base_price`` (centimes) and ``list_rate`` (basis points). The other kind's fields are unused.
    The claim refuses a line that cannot be judged.
    """

    id: str
    kind: LineKind
    quantity: int
    charged: int
    care_date: date
    provider: str
    illness: str | None = None
    ceiling: str | None = None
    frequency: str | None = None
    act: str | None = None
    letter: str | None = None
    coefficient: int | None = None
    flat_tariff: int | None = None
    covered: bool = True
    needs_prior_approval: bool = False
    ean: str | None = None
    public_price: int | None = None
    base_price: int | None = None
    list_rate: int | None = None

    @property
    def has_a_price(self) -> bool:
        """Whether there is something to price it with."""
        if self.kind is LineKind.MEDICINE:
            return self.base_price is not None and self.list_rate is not None
        by_letter = self.letter is not None and self.coefficient is not None
        return by_letter or self.flat_tariff is not None


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """A claim ready to be judged: its lines, and what bears on them."""

    received_date: date
    patient: PatientFacts
    scheme: Scheme
    providers: tuple[ProviderFacts, ...]
    lines: tuple[LineFacts, ...]
    rights: tuple[Period, ...] = ()
    treatment_end_date: date | None = None
    excused: bool = False
    illnesses: tuple[IllnessFacts, ...] = ()
    prior_approvals: tuple[PriorApprovalFacts, ...] = ()
    paid_before: tuple[PaidBefore, ...] = ()
    used_before: tuple[UsedBefore, ...] = ()

    def __post_init__(self) -> None:
        known = {provider.id for provider in self.providers}
        if len(known) != len(self.providers):
            raise ValueError("a provider is given twice")
        if not self.lines:
            raise ValueError("a claim has at least one line")
        for line in self.lines:
            if line.provider not in known:
                raise ValueError(f"line {line.id}: unknown provider {line.provider!r}")
            if line.quantity < 1 or line.charged < 1:
                raise ValueError(f"line {line.id}: quantity and charge must be above zero")
            if not line.has_a_price:
                raise ValueError(f"line {line.id}: nothing to price a {line.kind} with")
