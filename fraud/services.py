"""The screening gate before any payment, and the end of holds: by a person, or by the clock."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims import services as claims
from claims.models import Claim, Screening
from claims.selectors import law
from claims.states import ClaimState
from core import audit, locks
from core.audit import Actor, actor_id
from core.crashpoints import crashpoint
from core.errors import DomainError
from core.transitions import TransitionRefused
from fraud import selectors
from fraud.models import HoldDecision, Signal
from fraud.permissions import (
    check_can_decide_review,
    check_can_end_hold,
    check_can_see_files,
)
from fraud.rules.catalogue import DETECTORS
from fraud.rules.facts import ClaimFacts, Detect, Detector, Finding

log = logging.getLogger(__name__)

SCREENING = "system:screening"
CLOCK = "system:clock"
HOLDS_A_ROUND = 200

Evidence = dict[str, object]


class HoldAlreadyEnded(DomainError):
    """Another agent, or the clock, ended this hold first; the answer says who, when and how."""

    code = "HOLD_ALREADY_ENDED"
    message = _(
        "Cette suspension a déjà été traitée par %(who)s, le %(when)s : %(verdict)s. "
        "Votre décision n’a pas été enregistrée ; rien n’a été modifié."
    )


class ClaimNotHeld(DomainError):
    """The claim is not held and never was: there is no hold to end."""

    code = "CLAIM_NOT_HELD"
    message = _("Ce dossier n’est pas suspendu : son état est « %(state)s ». Rien n’a été modifié.")


@transaction.atomic
def screen_claims(*, subject_ids: Sequence[UUID], at: datetime) -> None:
    """Screen judged claims: approve the clean ones, hold the others with their evidence.

    Subscriber of `claims.claim.adjudicated`. A claim that is no longer judged, or whose decision was
    already screened, is passed over: a message delivered twice changes nothing. Evidence that a person
    has already released is written again, and does not hold again.
    """
    waiting = _lock_waiting(subject_ids)
    findings = _examine(waiting)
    screenings = _save_screenings(waiting, findings, at=at)
    crashpoint("approve.before_move")
    holding = _not_yet_released(waiting, findings)
    clean = [claim for claim in waiting if not holding[claim.id]]
    claims.approve_claims(clean, screenings=screenings, by=SCREENING, at=at)
    crashpoint("approve.after_move")
    for claim in waiting:
        if holding[claim.id]:
            _hold(claim, screenings[claim.id], holding[claim.id], at=at)


@transaction.atomic
def note_double_handovers(*, subject_ids: Sequence[UUID], at: datetime) -> None:
    """Open a case on claims whose boxes were handed over twice with no network; nothing is held.

    Subscriber of `sync.handover.doubled`. Told again, it adds nothing.
    """
    claims_told = Claim.objects.filter(id__in=subject_ids).order_by("id")
    Signal.objects.bulk_create(
        (
            Signal(
                claim=claim,
                insured_id=claim.insured_id,
                decision_n=claim.decision_n,
                detector=Detector.HANDED_OVER_TWICE,
                evidence={"threshold": "0", "rows": selectors.boxes_beyond(claim)},
                seen_at=at,
            )
            for claim in claims_told
        ),
        ignore_conflicts=True,
    )


def _lock_waiting(subject_ids: Sequence[UUID]) -> list[Claim]:
    """Claims waiting for their screening, locked; their insured first, as every submission does.

    Two claims of one insured person are so never screened side by side: the second sees the first.
    """
    insured_ids = Claim.objects.filter(id__in=subject_ids).values_list("insured_id", flat=True)
    locks.hold_all(insured_ids)
    screened = Screening.objects.filter(claim=OuterRef("pk"), decision_n=OuterRef("decision_n"))
    return list(
        Claim.objects.select_for_update(of=("self",))
        .filter(~Exists(screened), id__in=subject_ids, state=ClaimState.ADJUDICATED)
        .select_related("sheet", "patient", "provider")
        .order_by("id")
    )


def _examine(waiting: Sequence[Claim]) -> dict[UUID, list[tuple[Detector, Evidence]]]:
    facts = selectors.gather(waiting) if waiting else {}
    return {
        claim_id: [
            (name, evidence)
            for name, rule in DETECTORS
            if (evidence := _evidence(name, rule, each)) is not None
        ]
        for claim_id, each in facts.items()
    }


def _evidence(name: Detector, rule: Detect, facts: ClaimFacts) -> Evidence | None:
    """What the detector saw. One that fails is itself a signal: a person looks, the others run."""
    try:
        finding: Finding | None = rule(facts)
    except Exception as error:
        log.exception("detector %s failed on claim %s", name, facts.claim_id)
        return {"failed": type(error).__name__}
    if finding is None:
        return None
    return {"threshold": finding.threshold, "rows": list(finding.rows)}


def _not_yet_released(
    waiting: Sequence[Claim], findings: dict[UUID, list[tuple[Detector, Evidence]]]
) -> dict[UUID, list[tuple[Detector, Evidence]]]:
    """What is left to hold for: one new row of evidence is enough, an old one is not."""
    released = selectors.released_evidence(waiting)
    return {
        claim_id: [
            (name, evidence)
            for name, evidence in found
            if not _is_known(evidence, released.get((claim_id, name), []))
        ]
        for claim_id, found in findings.items()
    }


def _is_known(evidence: Evidence, released: Sequence[Evidence]) -> bool:
    """Whether a person had all of this evidence in sight. A failed detector showed nothing."""
    rows = evidence.get("rows")
    known = [row for each in released for row in cast(list[object], each.get("rows", []))]
    return isinstance(rows, list) and all(row in known for row in rows)


def _save_screenings(
    waiting: Sequence[Claim],
    findings: dict[UUID, list[tuple[Detector, Evidence]]],
    *,
    at: datetime,
) -> dict[UUID, Screening]:
    verdicts = Screening.Verdict
    rows = Screening.objects.bulk_create(
        Screening(
            claim=claim,
            insured_id=claim.insured_id,
            decision_n=claim.decision_n,
            verdict=verdicts.SIGNALLED if findings[claim.id] else verdicts.CLEAN,
            screened_at=at,
        )
        for claim in waiting
    )
    Signal.objects.bulk_create(
        Signal(
            claim=claim,
            insured_id=claim.insured_id,
            decision_n=claim.decision_n,
            detector=name,
            evidence=evidence,
            seen_at=at,
        )
        for claim in waiting
        for name, evidence in findings[claim.id]
    )
    return {row.claim_id: row for row in rows}


def _hold(
    claim: Claim,
    screening: Screening,
    found: list[tuple[Detector, Evidence]],
    *,
    at: datetime,
) -> None:
    days = law().at(timezone.localdate(at)).delay("hold_max_days")
    reason = ", ".join(name for name, _evidence in found)
    until = at + timedelta(days=days)
    claims.hold_claim(claim, screening=screening, until=until, reason=reason, by=SCREENING, at=at)


@transaction.atomic
def release_hold(*, claim: Claim, reason: str, by: User, at: datetime) -> None:
    """Release a held claim: it becomes payable.

    Raises HoldNotYours, HoldAlreadyEnded, ClaimNotHeld, and claims' ReasonMissing; then nothing is
    written. The services of claims write the audit trail.
    """
    held = _lock_held(claim, by=by)
    claims.release_claim(held, by=by, at=at, reason=reason.strip())
    _record_end(held, HoldDecision.Verdict.RELEASED, reason=reason.strip(), by=by, at=at)


@transaction.atomic
def refuse_hold(*, claim: Claim, reason: str, by: User, at: datetime) -> None:
    """Refuse a held claim: nothing is paid, the insured person reads the reason.

    Raises as `release_hold` does.
    """
    held = _lock_held(claim, by=by)
    claims.refuse_claim(held, by=by, at=at, reason=reason.strip())
    _record_end(held, HoldDecision.Verdict.REFUSED, reason=reason.strip(), by=by, at=at)


@transaction.atomic
def confirm_review(*, claim: Claim, reason: str, by: User, at: datetime) -> None:
    """Let a claim in review go on: judged again, then screened again like any other.

    After a hold that the clock ended, confirming is releasing: the same evidence does not hold again.
    Raises ReviewNotYours, HoldNotYours, TransitionRefused, and claims' ReasonMissing; then nothing is
    written.
    """
    waiting = _lock_in_review(claim, by=by)
    claims.decide_review(waiting, verdict="CONFIRM", reason=reason, by=by, at=at)
    if selectors.hold_ran_out(waiting):
        released = HoldDecision.Verdict.RELEASED
        _record_end(waiting, released, reason=reason.strip(), by=by, at=at)


@transaction.atomic
def deny_review(*, claim: Claim, reason: str, by: User, at: datetime) -> None:
    """Refuse a claim in review. Raises as `confirm_review` does."""
    waiting = _lock_in_review(claim, by=by)
    claims.decide_review(waiting, verdict="DENY", reason=reason, by=by, at=at)
    if selectors.hold_ran_out(waiting):
        refused = HoldDecision.Verdict.REFUSED
        _record_end(waiting, refused, reason=reason.strip(), by=by, at=at)


def _lock_in_review(claim: Claim, *, by: User) -> Claim:
    """The claim once this person may decide it; a held claim is never decided by this way.

    A hold that only the clock ended stays the business of those who end holds.
    """
    if selectors.hold_ran_out(claim):
        check_can_end_hold(by)
    else:
        check_can_decide_review(by)
    locks.hold(claim.insured_id)
    waiting = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    if waiting.state != ClaimState.IN_REVIEW:
        raise TransitionRefused(state=waiting.get_state_display())
    return waiting


@transaction.atomic
def end_holds(*, at: datetime) -> int:
    """Send holds past their time to a person's review; return how many. Never pays, never refuses."""
    expired = list(
        Claim.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(waiting__state=ClaimState.HELD, state=ClaimState.HELD, held_until__lte=at)
        .order_by("id")[:HOLDS_A_ROUND]
    )
    for claim in expired:
        claims.end_hold(claim, by=CLOCK, at=at)
        _record_end(claim, HoldDecision.Verdict.EXPIRED, reason="", by=CLOCK, at=at)
    return len(expired)


def _lock_held(claim: Claim, *, by: User) -> Claim:
    """The claim, locked, once everything allows this person to end its hold."""
    check_can_end_hold(by)
    held = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    if held.state == ClaimState.HELD:
        return held
    ended = selectors.hold_decisions_of(held)
    if not ended:
        raise ClaimNotHeld(state=held.get_state_display())
    last = ended[0]
    raise HoldAlreadyEnded(
        who=selectors.actor_names([last.decided_by]).get(last.decided_by, _("l’horloge")),
        when=f"{timezone.localtime(last.decided_at):%d/%m/%Y %H:%M}",
        verdict=last.get_verdict_display(),
    )


def _record_end(
    claim: Claim, verdict: HoldDecision.Verdict, *, reason: str, by: Actor, at: datetime
) -> None:
    HoldDecision.objects.create(
        claim=claim,
        insured_id=claim.insured_id,
        verdict=verdict,
        reason=reason,
        decided_at=at,
        decided_by=actor_id(by),
    )


@transaction.atomic
def open_file(*, claim: Claim, by: User, at: datetime) -> selectors.CaseFile:
    """Give a claim's file to an agent, and record that they read it. Raises FileNotYours."""
    check_can_see_files(by)
    audit.record(
        by=by, at=at, action=selectors.FILE_READ, subject=claim, insured_id=claim.insured_id
    )
    return selectors.case_file(claim.pk)


def record_export(*, rows: int, query: str, by: User, at: datetime) -> None:
    """Record that a person took a list of claims out of the product. Raises FileNotYours."""
    check_can_see_files(by)
    audit.record(
        by=by,
        at=at,
        action="claims.list.exported",
        subject=by,
        after={"rows": rows, "query": query},
    )
