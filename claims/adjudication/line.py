"""A line on its way through the steps: what the rules have made of it so far."""

from operator import attrgetter

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
from claims.adjudication.law import LawOn
from claims.adjudication.reasons import Reason


class JudgedLine:
    """One line, written on by each rule in turn and never shown outside. Centimes, basis points.

    ``law`` is that of the care day, ``tariff`` what step 6 gave, ``reduced_tariff`` what step 7
    left of it where it took some away. Every step that has a reason puts it in ``reasons``.
    """

    __slots__ = (
        "approval",
        "base",
        "care_date",
        "ceiling",
        "denied",
        "facts",
        "frequency",
        "insured_share",
        "law",
        "provider",
        "rate",
        "reasons",
        "reduced_tariff",
        "reimbursed",
        "steps",
        "tariff",
    )

    def __init__(self, facts: LineFacts, provider: ProviderFacts, law: LawOn) -> None:
        self.facts = facts
        self.provider = provider
        self.law = law
        self.care_date = facts.care_date
        self.denied = False
        self.tariff = 0
        self.reduced_tariff: int | None = None
        self.base = 0
        self.rate = 0
        self.reimbursed = 0
        self.insured_share = 0
        self.steps: list[Step] = []
        self.reasons: tuple[Reason, ...] = ()
        self.approval: ApprovalUse | None = None
        self.frequency: FrequencyUse | None = None
        self.ceiling: CeilingUse | None = None

    def deny(self, rule: Rule, reason: Reason, reference: str, **details: StepValue) -> None:
        """Stop the line at a rule: nothing is reimbursed, one reason stands.

        What an earlier step had reduced is undone: the tariff is again the one of step 6.
        """
        self.denied = True
        self.reduced_tariff = None
        self.steps = [step for step in self.steps if step.reason is None]
        self.reasons = (reason,)
        sentence, names, figures = reason.lower(), tuple(details), tuple(details.values())
        self.steps.append(Step(rule, sentence, reference, self.tariff, 0, reason, names, figures))

    def give(self, reason: Reason) -> None:
        """Let a reason stand beside those of earlier steps."""
        self.reasons = (*self.reasons, reason)

    @property
    def counted_tariff(self) -> int:
        """The tariff the base is taken from, and the one printed."""
        return self.tariff if self.reduced_tariff is None else self.reduced_tariff

    def decided(self) -> LineDecision:
        """The line as the decision gives it, its steps by number."""
        if self.approval is not None:
            # Step 8 was judged before step 7, and is read after it.
            self.steps.sort(key=lambda step: step.rule.number)
        facts = self.facts
        return LineDecision(
            facts.id,
            self.denied,
            facts.charged,
            self.counted_tariff,
            self.base,
            self.rate,
            self.reimbursed,
            self.insured_share,
            self.reasons,
            tuple(self.steps),
            self.approval,
            self.frequency,
            self.ceiling,
        )


def by_care_day(lines: list[JudgedLine]) -> list[JudgedLine]:
    """Lines by care day, then in the order of the sheet: how steps 8, 9 and 11 take them."""
    return sorted(lines, key=care_day)


care_day = attrgetter("care_date")
