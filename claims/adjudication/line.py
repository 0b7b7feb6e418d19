"""A line on its way through the steps: what the rules have made of it so far."""

from dataclasses import dataclass, replace

from claims.adjudication.decision import (
    ApprovalUse,
    CeilingUse,
    FrequencyUse,
    LineDecision,
    Rule,
    Step,
    StepValue,
)
from claims.adjudication.facts import LineFacts, ProviderFacts
from claims.adjudication.reasons import Reason


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """Immutable: each rule returns a new one. Centimes and basis points.

    ``position`` is the place on the sheet, ``tariff`` what step 6 gave, ``reduced_tariff`` what
    step 7 left of it where it took some away.
    """

    facts: LineFacts
    provider: ProviderFacts
    position: int
    denied: bool = False
    tariff: int = 0
    reduced_tariff: int | None = None
    base: int = 0
    rate: int = 0
    reimbursed: int = 0
    insured_share: int = 0
    steps: tuple[Step, ...] = ()
    approval: ApprovalUse | None = None
    frequency: FrequencyUse | None = None
    ceiling: CeilingUse | None = None

    def deny(
        self, rule: Rule, reason: Reason, reference: str, **details: StepValue
    ) -> "JudgedLine":
        """The line stopped by a rule: nothing is reimbursed, one reason stands.

        What an earlier step had reduced is undone: the tariff is again the one of step 6.
        """
        step = Step(rule, reason.lower(), reference, self.tariff, 0, reason, tuple(details.items()))
        kept = tuple(earlier for earlier in self.steps if earlier.reason is None)
        return replace(self, denied=True, reduced_tariff=None, steps=(*kept, step))

    def with_step(self, step: Step) -> "JudgedLine":
        """The line with one more thing said of it."""
        return replace(self, steps=(*self.steps, step))

    @property
    def counted_tariff(self) -> int:
        """The tariff the base is taken from, and the one printed."""
        return self.tariff if self.reduced_tariff is None else self.reduced_tariff

    def decided(self) -> LineDecision:
        """The line as the decision gives it.

        Steps stand by number: step 8 is judged before step 7, and read after it.
        """
        steps = tuple(sorted(self.steps, key=lambda step: step.rule.number))
        return LineDecision(
            id=self.facts.id,
            denied=self.denied,
            charged=self.facts.charged,
            tariff=self.counted_tariff,
            base=self.base,
            rate=self.rate,
            reimbursed=self.reimbursed,
            insured_share=self.insured_share,
            reasons=tuple(step.reason for step in steps if step.reason),
            steps=steps,
            approval=self.approval,
            frequency=self.frequency,
            ceiling=self.ceiling,
        )


def by_care_day(lines: tuple[JudgedLine, ...]) -> list[JudgedLine]:
    """Lines by care day, then in the order of the sheet: how steps 8, 9 and 11 take them."""
    return sorted(lines, key=lambda line: (line.facts.care_date, line.position))
