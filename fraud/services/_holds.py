"""The end of holds: by a person with a reason, or by the clock; and claims in review."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims import services as claims
from claims.models import Claim
from claims.states import ClaimState
from core import locks
from core.audit import Actor, actor_id
from core.errors import DomainError
from core.transitions import TransitionRefused
from fraud import selectors
from fraud.models import HoldDecision
from fraud.permissions import check_can_decide_review, check_can_end_hold
from fraud.services._breaker import watch_rules_of

CLOCK = "system:clock"
HOLDS_A_ROUND = 200


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
    if verdict is HoldDecision.Verdict.RELEASED:
        watch_rules_of(claim, at=at)
