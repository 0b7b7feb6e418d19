"""What is always true of a decision. A breach is a programmer's error: nothing may be paid."""

from claims.adjudication.decision import Decision, LineDecision
from claims.adjudication.facts import ClaimFacts
from claims.adjudication.reasons import Reason
from core.money import BASIS_POINTS, round_half_up


class InvariantError(AssertionError):
    """The engine produced a decision that cannot be right; the message says where."""


def check_decision(facts: ClaimFacts, decision: Decision) -> None:
    """Raise InvariantError unless the decision keeps every promise of docs/adjudication.md.

    An explicit raise, not ``assert``: it must hold under ``python -O`` too.
    """
    if len(decision.lines) != len(facts.lines):
        raise _incoherent("lines")
    charged = reimbursed = 0
    for told, line in zip(facts.lines, decision.lines, strict=True):
        if line.id != told.id:
            raise _incoherent("lines")
        broken = _broken_denial(line) if line.denied else _broken_amount(line)
        if broken:
            raise _incoherent(f"line {line.id}: {broken}")
        charged += line.charged
        reimbursed += line.reimbursed
    _check_totals(decision, charged, reimbursed)


def _broken_denial(line: LineDecision) -> str:
    """The promise a denied line breaks, empty when it keeps them all."""
    if line.reimbursed + line.insured_share != line.charged:
        return "shares"
    if not line.base == line.rate == line.reimbursed == 0:
        return "denied but paid"
    return "" if len(line.reasons) == 1 else "a denial has one reason"


def _broken_amount(line: LineDecision) -> str:
    """The promise a line that was not denied breaks, empty when it keeps them all."""
    base, charged, reimbursed = line.base, line.charged, line.reimbursed
    if reimbursed + line.insured_share != charged:
        return "shares"
    if not 0 <= reimbursed <= base <= charged:
        return "amounts"
    if base > line.tariff:
        return "base above the tariff"
    if base != charged and not line.reasons:
        return "capped without a reason"
    uncut = round_half_up(base * line.rate, BASIS_POINTS)
    if reimbursed == uncut and Reason.CEILING_REACHED not in line.reasons:
        return ""
    return "" if reimbursed < uncut and Reason.CEILING_REACHED in line.reasons else "rate"


def _check_totals(decision: Decision, charged: int, reimbursed: int) -> None:
    if decision.total_charged != charged:
        raise _incoherent("total charged")
    if decision.total_reimbursed != reimbursed:
        raise _incoherent("total reimbursed")
    if decision.total_insured_share != charged - reimbursed:
        raise _incoherent("total insured share")


def _incoherent(what: str) -> InvariantError:
    return InvariantError(f"the decision is not coherent: {what}")
