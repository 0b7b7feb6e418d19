"""Paid as shown: what a screen without network showed, against what today's facts give. Pure; centimes.

The facts of a claim come in groups (lists of prices and acts, law, what was used of ceilings, rights…). The
law says of which of them the fund bears the change; the same engine then judges with those groups as the
device knew them and all others as they stand. Nothing else moves an amount.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from claims.adjudication.decision import Decision
from claims.adjudication.engine import adjudicate
from claims.adjudication.facts import ClaimFacts, LineFacts
from claims.adjudication.law import Law


class Cause(StrEnum):
    """Why an amount shown is not what today's facts give."""

    LAW_CHANGED = "LAW_CHANGED"
    PACK_OLDER = "PACK_OLDER"
    CEILING_REACHED = "CEILING_REACHED"
    RIGHTS_CHANGED = "RIGHTS_CHANGED"
    PROVIDER_CHANGED = "PROVIDER_CHANGED"
    APPROVAL_CHANGED = "APPROVAL_CHANGED"
    PRESCRIPTION_DIFFERS = "PRESCRIPTION_DIFFERS"
    FILED_LATE = "FILED_LATE"
    # What was shown cannot be judged at all: it is told, never honoured.
    PACK_UNKNOWN = "PACK_UNKNOWN"
    PACK_EXPIRED = "PACK_EXPIRED"
    PACK_GONE = "PACK_GONE"
    NOT_OF_THE_ENGINE = "NOT_OF_THE_ENGINE"


# The fields of a claim's facts that each cause takes from today.
_FIELDS: Mapping[Cause, tuple[str, ...]] = {
    Cause.CEILING_REACHED: ("paid_before", "used_before"),
    Cause.RIGHTS_CHANGED: ("patient", "scheme", "rights", "illnesses"),
    Cause.PROVIDER_CHANGED: ("providers",),
    Cause.APPROVAL_CHANGED: ("prior_approvals",),
    Cause.FILED_LATE: ("received_date", "treatment_end_date", "excused"),
}
_FIRST_TERM = LineFacts._fields.index("illness") + 1
# And of its lines.
_LINE_FIELDS: Mapping[Cause, tuple[str, ...]] = {
    Cause.PACK_OLDER: LineFacts._fields[_FIRST_TERM:],
    Cause.PRESCRIPTION_DIFFERS: ("illness",),
}
_COMPARED = tuple(Cause)[: tuple(Cause).index(Cause.PACK_UNKNOWN)]


@dataclass(frozen=True, slots=True)
class Known:
    """A claim's facts, and the law they are judged by."""

    facts: ClaimFacts
    law: Law

    def judged(self) -> Decision:
        """What the engine decides. Raises NoLawInForce."""
        return adjudicate(self.facts, self.law)

    def with_today(self, cause: Cause, today: "Known") -> "Known":
        """The same with one group of facts as it stands today."""
        if cause == Cause.LAW_CHANGED:
            return Known(self.facts, today.law)
        names: dict[str, Any] = {
            name: getattr(today.facts, name) for name in _FIELDS.get(cause, ())
        }
        if fields := _LINE_FIELDS.get(cause):
            pairs = zip(self.facts.lines, today.facts.lines, strict=True)
            names["lines"] = tuple(
                line._replace(**{field: getattr(now, field) for field in fields})
                for line, now in pairs
            )
        return Known(replace(self.facts, **names), self.law)


@dataclass(frozen=True, slots=True)
class Difference:
    """One line that was shown, or is paid, otherwise than today's facts give."""

    position: int
    shown: int
    standing: int
    paid: int
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """What is decided in the end: as the device knew it where that is honoured, else as it stands."""

    known: Known
    decision: Decision
    honoured: bool
    differences: tuple[Difference, ...]


def compare(shown: Known, today: Known, *, honours: frozenset[Cause], most: int) -> Compared:
    """Decide a claim whose screen showed amounts, and tell each line that differs with its causes.

    `honours`: the changes the fund bears; `most`: what it pays for them at most, in centimes, all lines
    together. Never less than today's facts give, and a claim that a person must look at waits for that
    person. Raises NoLawInForce.
    """
    standing, on_screen = today.judged(), shown.judged()
    causes = _causes(shown, today)
    mixed = shown
    for cause in _COMPARED:
        if cause not in honours:
            mixed = mixed.with_today(cause, today)
    as_known = mixed.judged()
    gain = as_known.total_reimbursed - standing.total_reimbursed
    honoured = 0 < gain <= most and not standing.needs_review
    known, decision = (mixed, as_known) if honoured else (today, standing)
    lines = zip(on_screen.lines, standing.lines, decision.lines, strict=True)
    return Compared(
        known,
        decision,
        honoured,
        tuple(
            Difference(
                int(seen.id), seen.reimbursed, now.reimbursed, paid.reimbursed, causes[place]
            )
            for place, (seen, now, paid) in enumerate(lines)
            if causes[place] and (seen.reimbursed, paid.reimbursed) != (now.reimbursed,) * 2
        ),
    )


def _causes(shown: Known, today: Known) -> list[tuple[Cause, ...]]:
    """What moved each line on the way from what was known to today, one group after the other."""
    found: list[tuple[Cause, ...]] = [() for _line in today.facts.lines]
    before, at_hand = shown.judged(), shown
    for cause in _COMPARED:
        at_hand = at_hand.with_today(cause, today)
        after = at_hand.judged()
        for place, (one, other) in enumerate(zip(before.lines, after.lines, strict=True)):
            if one.reimbursed != other.reimbursed:
                found[place] = (*found[place], cause)
        before = after
    return found
