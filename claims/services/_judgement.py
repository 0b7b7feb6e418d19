"""Judge purely, write once: the decisions of a list of claims."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F

from claims import selectors
from claims.adjudication import ClaimFacts, adjudicate
from claims.adjudication import Decision as Judgement
from claims.adjudication.decision import LineDecision as LineJudgement
from claims.adjudication.decision import Outcome
from claims.adjudication.exchange import case_from_facts
from claims.models import (
    ApprovalUse,
    Claim,
    ClaimLine,
    Decision,
    DecisionStep,
    LineDecision,
)
from claims.selectors import Bundle
from claims.states import ClaimState
from core import transitions
from core.audit import Actor, actor_id
from core.crashpoints import crashpoint


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim with the facts it was judged on and what was decided."""

    bundle: Bundle
    facts: ClaimFacts
    judgement: Judgement


def adjudicate_claims(
    claims: Sequence[Claim], *, by: Actor, at: datetime, reviewed: bool = False
) -> None:
    """Judge claims and write their decisions, in the caller's transaction and under its locks.

    `reviewed`: a person has looked, so that a line without a tariff no longer asks for one.
    """
    law = selectors.law()
    for group in _rounds(claims):
        bundles = selectors.bundles_of(group)
        judged = [
            Judged(bundle, facts, adjudicate(facts, law))
            for bundle, facts in zip(bundles, selectors.gather(bundles), strict=True)
        ]
        crashpoint("adjudicate.before_save")
        save(judged, by=by, at=at, reviewed=reviewed)
        crashpoint("adjudicate.after_save")
    fresh = Claim.objects.in_bulk([claim.pk for claim in claims])
    for claim in claims:
        for name in ("state", "decision_n", "outcome", "reimbursed_centimes"):
            setattr(claim, name, getattr(fresh[claim.pk], name))


def _rounds(claims: Sequence[Claim]) -> Iterable[list[Claim]]:
    """Part claims so that each round has one of a household: the next one counts what it used up."""
    rounds: list[list[Claim]] = []
    seen: Counter[Any] = Counter()
    for claim in claims:
        if seen[claim.insured_id] == len(rounds):
            rounds.append([])
        rounds[seen[claim.insured_id]].append(claim)
        seen[claim.insured_id] += 1
    return rounds


def save(judged: Sequence[Judged], *, by: Actor, at: datetime, reviewed: bool) -> None:
    """Write decisions, lines, steps and uses, count minutes, and move each claim to its next state."""
    rows = [_decision(each, by=by, at=at) for each in judged]
    Decision.objects.bulk_create(rows)
    lines, steps, uses = [], [], []
    for each, row in zip(judged, rows, strict=True):
        for line, decided in zip(each.bundle.lines, each.judgement.lines, strict=True):
            lines.append(_line_decision(row, line, decided))
            steps += _steps(row, line, decided, at=at)
            uses += _uses(row, line, decided)
    LineDecision.objects.bulk_create(lines)
    DecisionStep.objects.bulk_create(steps)
    ApprovalUse.objects.bulk_create(uses)
    for each, row in zip(judged, rows, strict=True):
        claim = each.bundle.claim
        claim.decision_n, claim.outcome = row.n, row.outcome
        claim.reimbursed_centimes = row.reimbursed_centimes
    Claim.objects.bulk_update(
        [each.bundle.claim for each in judged], ["decision_n", "outcome", "reimbursed_centimes"]
    )
    _count_minutes(judged)
    for state in (ClaimState.DENIED, ClaimState.IN_REVIEW, ClaimState.ADJUDICATED):
        moving = [
            each.bundle.claim for each in judged if next_state(each.judgement, reviewed) == state
        ]
        transitions.move_all(moving, state, by=by, at=at)


def next_state(judgement: Judgement, reviewed: bool) -> ClaimState:
    """Return where a judgement sends its claim."""
    if judgement.needs_review and not reviewed:
        return ClaimState.IN_REVIEW
    if judgement.outcome == Outcome.DENIED:
        return ClaimState.DENIED
    return ClaimState.ADJUDICATED


def _decision(each: Judged, *, by: Actor, at: datetime) -> Decision:
    claim, judgement = each.bundle.claim, each.judgement
    return Decision(
        claim=claim,
        insured_id=claim.insured_id,
        n=claim.decision_n + 1,
        outcome=judgement.outcome.value,
        needs_review=judgement.needs_review,
        charged_centimes=judgement.total_charged,
        reimbursed_centimes=judgement.total_reimbursed,
        insured_share_centimes=judgement.total_insured_share,
        law_digest=judgement.law_digest,
        case=case_from_facts(each.facts, str(claim.pk)),
        decided_at=at,
        decided_by=actor_id(by),
    )


def _line_decision(row: Decision, line: ClaimLine, decided: LineJudgement) -> LineDecision:
    return LineDecision(
        decision=row,
        line=line,
        insured_id=row.insured_id,
        care_date=line.care_date,
        tariff_centimes=decided.tariff,
        base_centimes=decided.base,
        rate_bp=decided.rate,
        reimbursed_centimes=decided.reimbursed,
        insured_share_centimes=decided.insured_share,
        reasons=[reason.value for reason in decided.reasons],
        is_denied=decided.denied,
        ceiling=(line.act.ceiling if line.act else ""),
        frequency=(line.act.frequency if line.act else ""),
    )


def _steps(
    row: Decision, line: ClaimLine, decided: LineJudgement, *, at: datetime
) -> list[DecisionStep]:
    return [
        DecisionStep(
            at=at,
            insured_id=row.insured_id,
            decision_id=row.pk,
            line_position=line.position,
            order=order,
            rule=step.rule.value,
            reference=step.reference,
            reason=step.reason.value if step.reason else "",
            values=step.values,
        )
        for order, step in enumerate(decided.steps, start=1)
    ]


def _uses(row: Decision, line: ClaimLine, decided: LineJudgement) -> list[ApprovalUse]:
    used = decided.approval
    if used is None:
        return []
    return [ApprovalUse(approval_id=used.id, decision=row, line=line, quantity=used.quantity)]


def _count_minutes(judged: Sequence[Judged]) -> None:
    """Add the usual minutes of acts to their provider's days, in key order (no deadlock).

    A line is counted by the first decision that accepts it.
    """
    law, counted = selectors.law(), _accepted_before(judged)
    minutes: dict[tuple[Any, Any], int] = {}
    for each in judged:
        for line, decided in zip(each.bundle.lines, each.judgement.lines, strict=True):
            if line.act is None or decided.denied or line.pk in counted:
                continue
            spent = law.at(line.care_date).act_minutes(line.act.letter) * line.quantity
            if spent:
                key = (line.provider_id, line.care_date)
                minutes[key] = minutes.get(key, 0) + spent
    if not minutes:
        return
    _add_minutes(sorted(minutes.items()))


def _accepted_before(judged: Sequence[Judged]) -> set[Any]:
    """Lines of claims judged again that an earlier decision accepted: their minutes are counted."""
    again = [each.bundle.claim for each in judged if each.bundle.claim.decision_n > 1]
    if not again:
        return set()
    earlier = LineDecision.objects.filter(line__claim__in=again, is_denied=False)
    return set(
        earlier.exclude(decision__n=F("line__claim__decision_n")).values_list("line_id", flat=True)
    )


def _add_minutes(ordered: Sequence[tuple[tuple[Any, Any], int]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO claims_providerday (id, provider_id, day, minutes)"
            " SELECT gen_random_uuid(), * FROM unnest(%s::uuid[], %s::date[], %s::int[])"
            " ON CONFLICT (provider_id, day)"
            " DO UPDATE SET minutes = claims_providerday.minutes + excluded.minutes",
            [
                [provider for (provider, _day), _spent in ordered],
                [day for (_provider, day), _spent in ordered],
                [spent for _key, spent in ordered],
            ],
        )
