"""The engine: its body reads as the order of the law (docs/adjudication.md)."""

from collections.abc import Callable

from claims.adjudication.decision import Decision, LineDecision, Outcome
from claims.adjudication.facts import ClaimFacts
from claims.adjudication.invariants import check_decision
from claims.adjudication.law import Law
from claims.adjudication.line import JudgedLine
from claims.adjudication.reasons import Reason
from claims.adjudication.rules.accumulation import judge_accumulation
from claims.adjudication.rules.ceiling import judge_ceiling
from claims.adjudication.rules.cover import judge_cover
from claims.adjudication.rules.dependant import judge_dependant
from claims.adjudication.rules.filing import judge_filing
from claims.adjudication.rules.frequency import judge_frequency
from claims.adjudication.rules.prior_approval import judge_prior_approval
from claims.adjudication.rules.provider import judge_provider
from claims.adjudication.rules.rate import judge_rate
from claims.adjudication.rules.rights import judge_rights
from claims.adjudication.rules.shares import judge_shares
from claims.adjudication.rules.tariff import judge_tariff

# A rule writes on the lines of a sheet that no earlier rule denied.
SheetRule = Callable[[list[JudgedLine], ClaimFacts], None]

_CUT = frozenset({Reason.SECOND_ACT_HALVED, Reason.CEILING_REACHED})

ORDER: tuple[SheetRule, ...] = (
    judge_filing,
    judge_rights,
    judge_dependant,
    judge_provider,
    judge_cover,
    judge_tariff,
    # Step 8 before step 7: a line without its approval takes no rank, and an approval stays
    # consumed when the accumulation then denies the line. Steps are read back by number.
    judge_prior_approval,
    judge_accumulation,
    judge_frequency,
    judge_rate,
    judge_ceiling,
    judge_shares,
)


def adjudicate(facts: ClaimFacts, law: Law) -> Decision:
    """Judge a claim: what each line is reimbursed, and why.

    Pure: the same facts and law give the same decision. Raises NoLawInForce when the law has no
    value it needs on a care day (a key letter without value is a reason, ``NO_TARIFF``).
    Source: docs/adjudication.md.
    """
    lines = _opened(facts, law)
    for judge in ORDER:
        judge(lines, facts)
    decision = _decision(tuple([line.decided() for line in lines]), law)
    check_decision(facts, decision)
    return decision


def _opened(facts: ClaimFacts, law: Law) -> list[JudgedLine]:
    providers = {provider.id: provider for provider in facts.providers}
    return [
        JudgedLine(line, providers[line.provider], law.at(line.care_date)) for line in facts.lines
    ]


def _decision(lines: tuple[LineDecision, ...], law: Law) -> Decision:
    charged = reimbursed = insured_share = 0
    is_touched = needs_review = False
    for line in lines:
        charged += line.charged
        reimbursed += line.reimbursed
        insured_share += line.insured_share
        if line.reasons:
            is_touched |= line.denied or not _CUT.isdisjoint(line.reasons)
            needs_review |= Reason.NO_TARIFF in line.reasons
    return Decision(
        _outcome(reimbursed, is_touched),
        needs_review,
        charged,
        reimbursed,
        insured_share,
        lines,
        law.digest,
    )


def _outcome(reimbursed: int, is_touched: bool) -> Outcome:
    """``is_touched``: some line was denied or cut."""
    if reimbursed == 0:
        return Outcome.DENIED
    return Outcome.PARTLY_APPROVED if is_touched else Outcome.APPROVED
