"""What screening and people decide of a judged claim: approve, hold, release, refuse, review."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from claims.models import Claim, Screening
from claims.selectors import claims_visible_to
from claims.services._judgement import adjudicate_claims
from claims.services._refusals import ClaimNotCancellable, ReasonMissing
from claims.states import ClaimState
from core import audit, locks, transitions
from core.audit import Actor
from providers.permissions import check_can_sign
from providers.selectors import membership_on

Verdict = Literal["CONFIRM", "DENY"]


def approve_claims(
    claims: Sequence[Claim], *, screenings: Mapping[Any, Screening], by: Actor, at: datetime
) -> None:
    """Move judged claims to *approved*, each with the screening that found nothing to hold."""
    with transaction.atomic():
        transitions.move_each(
            Claim,
            [
                transitions.Move(
                    claim.pk, claim.state, ClaimState.APPROVED, (screenings[claim.pk].pk,)
                )
                for claim in claims
            ],
            columns={"screening_id": "uuid"},
            by=by,
            at=at,
        )


def hold_claims(
    claims: Sequence[Claim],
    *,
    screenings: Mapping[Any, Screening],
    reasons: Mapping[Any, str],
    until: datetime,
    by: Actor,
    at: datetime,
) -> None:
    """Suspend judged claims until a moment at most, each with its screening and its reason.

    A person decides before, or the clock sends them to review. Raises TransitionRefused.
    """
    with transaction.atomic():
        transitions.move_each(
            Claim,
            [
                transitions.Move(
                    claim.pk,
                    claim.state,
                    ClaimState.HELD,
                    (screenings[claim.pk].pk, until.isoformat()),
                    reasons[claim.pk],
                )
                for claim in claims
            ],
            columns={"screening_id": "uuid", "held_until": "timestamptz"},
            by=by,
            at=at,
            subjects=claims,
        )


def refuse_screened(
    claim: Claim, *, screening: Screening, reason: str, by: Actor, at: datetime
) -> None:
    """Refuse a judged claim that a proved fact forbids to pay; the reason is shown to those concerned."""
    with transaction.atomic():
        transitions.move(
            claim,
            ClaimState.DENIED,
            by=by,
            at=at,
            reason=reason,
            screening_id=screening.pk,
            outcome=Claim.Outcome.DENIED,
            reimbursed_centimes=0,
        )
        audit.record(
            by=by,
            at=at,
            action="claims.claim.refused",
            subject=claim,
            insured_id=claim.insured_id,
            after={"state": ClaimState.DENIED.value, "reason": reason},
        )


def release_claim(claim: Claim, *, reason: str, by: Any, at: datetime) -> None:
    """End a hold in favour of the claim. Raises ReasonMissing, TransitionRefused."""
    _person_moves(claim, ClaimState.APPROVED, "released", reason, by=by, at=at, held_until=None)


def refuse_claim(claim: Claim, *, reason: str, by: Any, at: datetime) -> None:
    """End a hold against the claim. Raises ReasonMissing, TransitionRefused."""
    _deny(claim, "refused", reason, by=by, at=at, held_until=None)


def end_hold(claim: Claim, *, by: Actor, at: datetime) -> None:
    """Send a claim whose hold has lasted its time to review: a hold always ends."""
    with transaction.atomic():
        transitions.move(claim, ClaimState.IN_REVIEW, by=by, at=at, held_until=None)


def decide_review(claim: Claim, *, verdict: Verdict, reason: str, by: Any, at: datetime) -> None:
    """Decide a claim in review: judge it again and let it go on, or deny it.

    Raises ReasonMissing, TransitionRefused.
    """
    if verdict == "DENY":
        _deny(claim, "denied", reason, by=by, at=at)
        return
    _check_reason(reason)
    with transaction.atomic():
        locks.hold(claim.insured_id)
        locked = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
        if locked.state != ClaimState.IN_REVIEW:
            raise transitions.TransitionRefused(state=locked.get_state_display())
        adjudicate_claims([locked], by=by, at=at, reviewed=True)
        audit.record(
            by=by,
            at=at,
            action="claims.claim.confirmed",
            subject=locked,
            insured_id=locked.insured_id,
            after={"reason": reason, "decision": locked.decision_n},
        )


def cancel_claim(claim: Claim, *, reason: str, by: Any, at: datetime) -> None:
    """Withdraw a care claim before it is approved, by who signs for its provider.

    Raises NotAMember, OnlySignatorySigns, ClaimNotCancellable, TransitionRefused.
    """
    provider = claim.provider
    check_can_sign(membership_on(by, provider, localdate(at)), inpe=provider.inpe)
    if claim.kind == Claim.Kind.DISPENSING:
        raise ClaimNotCancellable
    _person_moves(claim, ClaimState.CANCELLED, "cancelled", reason, by=by, at=at)


def withdraw_claim(claim: Claim, *, reason: str, by: Any, at: datetime) -> None:
    """Cancel a claim that an agent keyed in wrongly from paper. Raises ReasonMissing, TransitionRefused."""
    _person_moves(claim, ClaimState.CANCELLED, "withdrawn", reason, by=by, at=at)


def _deny(claim: Claim, deed: str, reason: str, *, by: Any, at: datetime, **fields: Any) -> None:
    """A person refuses: nothing is reimbursed, whatever the engine had decided."""
    nothing: dict[str, Any] = {"outcome": Claim.Outcome.DENIED, "reimbursed_centimes": 0}
    _person_moves(claim, ClaimState.DENIED, deed, reason, by=by, at=at, **nothing, **fields)


def _person_moves(
    claim: Claim,
    to: ClaimState,
    deed: str,
    reason: str,
    *,
    by: Any,
    at: datetime,
    **fields: Any,
) -> None:
    _check_reason(reason)
    with transaction.atomic():
        before = {"state": claim.state}
        transitions.move(claim, to, by=by, at=at, reason=reason.strip(), **fields)
        audit.record(
            by=by,
            at=at,
            action=f"claims.claim.{deed}",
            subject=claim,
            insured_id=claim.insured_id,
            before=before,
            after={"state": to.value, "reason": reason.strip()},
        )


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing(pointer="/reason")


def read_claim(*, claim_id: UUID, by: Any, at: datetime) -> Claim | None:
    """Return a claim its reader may see, or None; a professional's or an agent's reading is audited."""
    claim = claims_visible_to(by, on=localdate(at)).filter(pk=claim_id).first()
    if claim is not None and claim.insured.user_id != by.pk:
        audit.record(
            by=by, at=at, action="claims.claim.read", subject=claim, insured_id=claim.insured_id
        )
    return claim
