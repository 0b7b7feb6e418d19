"""What is always true of a decision. A breach is a programmer's error: nothing may be paid."""

from claims.adjudication.decision import Decision, LineDecision
from claims.adjudication.facts import ClaimFacts
from claims.adjudication.reasons import Reason
from core.money import BASIS_POINTS, round_half_up


class InvariantError(AssertionError):
    """The engine produced a decision that cannot be right; the message says where."""


def check_decision(facts: ClaimFacts, decision: Decision) -> None:
    """Raise InvariantError unless the decision keeps every promise of docs/adjudication.md."""
    _require([line.id for line in facts.lines] == [line.id for line in decision.lines], "lines")
    for line in decision.lines:
        _check_line(line)
    lines = decision.lines
    _require(decision.total_charged == sum(line.charged for line in lines), "total charged")
    reimbursed = sum(line.reimbursed for line in lines)
    _require(decision.total_reimbursed == reimbursed, "total reimbursed")
    shares = decision.total_charged - decision.total_reimbursed
    _require(decision.total_insured_share == shares, "total insured share")


def _check_line(line: LineDecision) -> None:
    where = f"line {line.id}"
    _require(line.reimbursed + line.insured_share == line.charged, f"{where}: shares")
    if line.denied:
        _require(line.base == line.rate == line.reimbursed == 0, f"{where}: denied but paid")
        _require(len(line.reasons) == 1, f"{where}: a denial has one reason")
        return
    _require(0 <= line.reimbursed <= line.base <= line.charged, f"{where}: amounts")
    _require(line.base <= line.tariff, f"{where}: base above the tariff")
    _require(line.base == line.charged or bool(line.reasons), f"{where}: capped without a reason")
    uncut = round_half_up(line.base * line.rate, BASIS_POINTS)
    is_cut = Reason.CEILING_REACHED in line.reasons
    _require(line.reimbursed < uncut if is_cut else line.reimbursed == uncut, f"{where}: rate")


def _require(held: bool, what: str) -> None:
    """An explicit raise, not ``assert``: it must hold under ``python -O`` too."""
    if not held:
        raise InvariantError(f"the decision is not coherent: {what}")
