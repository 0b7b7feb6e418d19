"""The engine: its body reads as the order of the law (docs/adjudication.md)."""

from collections.abc import Callable

from claims.adjudication.decision import Decision, LineDecision, Outcome
from claims.adjudication.facts import ClaimFacts
from claims.adjudication.invariants import check_decision
from claims.adjudication.law import Law, LawOn
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

Lines = tuple[JudgedLine, ...]
SheetRule = Callable[[Lines, ClaimFacts, Law], Lines]
LineRule = Callable[[JudgedLine, ClaimFacts, LawOn], JudgedLine]

_CUT = frozenset({Reason.SECOND_ACT_HALVED, Reason.CEILING_REACHED})


def _each(rule: LineRule) -> SheetRule:
    """A rule of one line, run on every line not denied yet, with the law of its care day."""

    def on_the_sheet(lines: Lines, facts: ClaimFacts, law: Law) -> Lines:
        return tuple(
            line if line.denied else rule(line, facts, law.at(line.facts.care_date))
            for line in lines
        )

    return on_the_sheet


ORDER: tuple[SheetRule, ...] = (
    judge_filing,
    _each(judge_rights),
    _each(judge_dependant),
    _each(judge_provider),
    _each(judge_cover),
    _each(judge_tariff),
    # Step 8 before step 7: a line without its approval takes no rank, and an approval stays
    # consumed when the accumulation then denies the line. Steps are read back by number.
    judge_prior_approval,
    judge_accumulation,
    judge_frequency,
    _each(judge_rate),
    judge_ceiling,
)


def adjudicate(facts: ClaimFacts, law: Law) -> Decision:
    """Judge a claim: what each line is reimbursed, and why.

    Pure: the same facts and law give the same decision. Raises NoLawInForce when the law has no
    value it needs on a care day (a key letter without value is a reason, ``NO_TARIFF``).
    Source: docs/adjudication.md.
    """
    lines = _opened(facts)
    for rule in ORDER:
        lines = rule(lines, facts, law)
    decision = _decision(tuple(judge_shares(line).decided() for line in lines), law)
    check_decision(facts, decision)
    return decision


def _opened(facts: ClaimFacts) -> Lines:
    providers = {provider.id: provider for provider in facts.providers}
    return tuple(
        JudgedLine(line, providers[line.provider], position)
        for position, line in enumerate(facts.lines)
    )


def _decision(lines: tuple[LineDecision, ...], law: Law) -> Decision:
    reimbursed = sum(line.reimbursed for line in lines)
    return Decision(
        outcome=_outcome(lines, reimbursed),
        needs_review=any(Reason.NO_TARIFF in line.reasons for line in lines),
        total_charged=sum(line.charged for line in lines),
        total_reimbursed=reimbursed,
        total_insured_share=sum(line.insured_share for line in lines),
        lines=lines,
        law_digest=law.digest,
    )


def _outcome(lines: tuple[LineDecision, ...], reimbursed: int) -> Outcome:
    if reimbursed == 0:
        return Outcome.DENIED
    if any(line.denied or _CUT.intersection(line.reasons) for line in lines):
        return Outcome.PARTLY_APPROVED
    return Outcome.APPROVED
