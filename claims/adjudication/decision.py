"""What the engine answers: a decision, its lines, and the steps that say why each amount.

Whole numbers and codes only: sentences are rendered from them (``wording.py``), never stored.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from claims.adjudication.reasons import Reason

StepValue = int | str


class Outcome(StrEnum):
    """Outcome of the sheet."""

    APPROVED = "approved"
    PARTLY_APPROVED = "partly_approved"
    DENIED = "denied"


class Rule(StrEnum):
    """The twelve steps, in the order a person reads them."""

    FILING = "filing"
    RIGHTS = "rights"
    DEPENDANT = "dependant"
    PROVIDER = "provider"
    COVER = "cover"
    TARIFF = "tariff"
    ACCUMULATION = "accumulation"
    PRIOR_APPROVAL = "prior_approval"
    FREQUENCY = "frequency"
    RATE = "rate"
    CEILING = "ceiling"
    SHARES = "shares"

    @property
    def number(self) -> int:
        """Number of the step in docs/adjudication.md."""
        return _NUMBERS[self]


_NUMBERS = {rule: number for number, rule in enumerate(Rule, start=1)}


class Step(NamedTuple):
    """One thing a rule did to a line.

    ``sentence`` names the wording, ``reference`` the parameter of the law it rests on (empty for
    arithmetic). ``before`` and ``after`` are the figure the rule moved; ``figures`` what else the
    wording needs, under ``names``: the end of each name says its unit (``_centimes``, ``_bp``,
    ``_hundredths``, ``_date``).
    """

    rule: Rule
    sentence: str
    reference: str
    before: int
    after: int
    reason: Reason | None = None
    names: tuple[str, ...] = ()
    figures: tuple[StepValue, ...] = ()

    @property
    def details(self) -> dict[str, StepValue]:
        """The figures by name."""
        return dict(zip(self.names, self.figures, strict=True))

    @property
    def values(self) -> dict[str, StepValue]:
        """Everything but rule, reason and reference, flat, to be stored as JSON."""
        moved: dict[str, StepValue] = {
            "sentence": self.sentence,
            "before": self.before,
            "after": self.after,
        }
        return moved | self.details

    @classmethod
    def from_values(
        cls, *, rule: str, reason: str, reference: str, values: dict[str, StepValue]
    ) -> "Step":
        """The step whose parts were stored; ``reason`` is empty when the step gave none."""
        details = {key: value for key, value in values.items() if key not in _MOVED}
        return cls(
            Rule(rule),
            str(values["sentence"]),
            reference,
            int(values["before"]),
            int(values["after"]),
            Reason(reason) if reason else None,
            tuple(details),
            tuple(details.values()),
        )


_MOVED = frozenset({"sentence", "before", "after"})


@dataclass(frozen=True, slots=True)
class ApprovalUse:
    """A prior approval consumed by a line: its place in the facts, its id if it had one."""

    index: int
    id: str | None
    quantity: int


class FrequencyUse(NamedTuple):
    """One use a paid line makes of a frequency; ``earlier`` were counted before it."""

    name: str
    earlier: int
    limit: int


class CeilingUse(NamedTuple):
    """What a paid line takes of a ceiling, in centimes; ``left`` is what was left before it."""

    name: str
    left: int
    reimbursed: int


class LineDecision(NamedTuple):
    """One line, judged. Centimes and basis points."""

    id: str
    denied: bool
    charged: int
    tariff: int
    base: int
    rate: int
    reimbursed: int
    insured_share: int
    reasons: tuple[Reason, ...]
    steps: tuple[Step, ...]
    approval: ApprovalUse | None = None
    frequency: FrequencyUse | None = None
    ceiling: CeilingUse | None = None


class Decision(NamedTuple):
    """The claim, judged; lines stand in the order of the facts."""

    outcome: Outcome
    needs_review: bool
    total_charged: int
    total_reimbursed: int
    total_insured_share: int
    lines: tuple[LineDecision, ...]
    law_digest: str
