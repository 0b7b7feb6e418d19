"""One score from many findings, and what it leads to. Whole basis points in and out.

`score` = 1 - product over the families of (1 - w x s), where of each family only the largest w x s counts:
two rules that see the same thing are not two proofs.
Source: catalogue of controls, section C3.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.money import round_half_up
from fraud.rules.rule import Action, Family, Kind, Level

ONE = 10_000


class Verdict(StrEnum):
    """What happens to a claim. A statistic never refuses, and alone never holds."""

    PAY = "PAY"
    SAMPLE = "SAMPLE"
    REVIEW = "REVIEW"
    HOLD = "HOLD"
    REFUSE = "REFUSE"


@dataclass(frozen=True, slots=True)
class Mark:
    """What one rule gives to a score: its weight and how far its threshold is passed, in bp.

    `claim` is the claim it was seen on, for what is seen on claims.
    """

    rule: str
    family: Family
    kind: Kind
    action: Action
    level: Level
    weight: int
    strength: int
    claim: str | None = None

    @property
    def worth(self) -> int:
        """w x s, in basis points."""
        return round_half_up(self.weight * self.strength, ONE)


def by_family(marks: Iterable[Mark]) -> dict[Family, int]:
    """The largest w x s of each family, in basis points; what weighs nothing is of no family."""
    largest: dict[Family, int] = {}
    for mark in marks:
        if mark.worth:
            largest[mark.family] = max(mark.worth, largest.get(mark.family, 0))
    return largest


def score(marks: Iterable[Mark]) -> int:
    """The score of a claim, a provider, a member or a ring, in basis points."""
    left = ONE
    for worth in sorted(by_family(marks).values()):
        left = round_half_up(left * (ONE - worth), ONE)
    return ONE - left


def verdict(marks: Iterable[Mark], limits: Mapping[str, int]) -> Verdict:
    """What the findings lead to. `limits`: the SCORE figures (sample, hold), in basis points.

    A fact refuses or holds as its rule says. Statistics hold past the limit when two families
    agree; one family alone goes to the sample that a person reads at leisure.
    """
    known = list(marks)
    facts = [mark for mark in known if mark.kind == Kind.FACT]
    if any(mark.action == Action.REFUSE for mark in facts):
        return Verdict.REFUSE
    if facts:
        return Verdict.HOLD
    total = score(known)
    if total >= limits["hold"] and len(by_family(known)) > 1:
        may_hold = any(mark.action == Action.HOLD and mark.worth for mark in known)
        return Verdict.HOLD if may_hold else Verdict.REVIEW
    return Verdict.SAMPLE if total >= limits["sample"] else Verdict.PAY


def opens_file(marks: Iterable[Mark], limits: Mapping[str, int]) -> bool:
    """Whether a file is opened on a provider, a member, a couple or a ring. The one place that says so.

    Facts do it once they were seen on `file_facts` claims: one is an error, more are a habit. Statistics do
    it past the limit `file`, together, or alone where the rule's weight allows it. What a statistic sees
    on single claims opens nothing. A file is read by a person and holds nothing.
    """
    known = list(marks)
    facts = {mark.claim for mark in known if mark.kind is Kind.FACT}
    if len(facts) >= limits["file_facts"]:
        return True
    wide = [mark for mark in known if mark.level is not Level.CLAIM]
    return score(wide) >= limits["file"]
