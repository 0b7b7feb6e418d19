"""What payments report of a claim: scheduled, back to approved, paid, transfer returned, reversed."""

from collections.abc import Sequence
from datetime import datetime

from claims.models import Claim
from claims.states import ClaimState
from core import transitions
from core.audit import Actor


def schedule_claims(claims: Sequence[Claim], *, by: Actor, at: datetime) -> None:
    """Put approved claims, or claims whose transfer failed, in a payment batch."""
    transitions.move_all(claims, ClaimState.SCHEDULED, by=by, at=at)


def unschedule_claims(claims: Sequence[Claim], *, by: Actor, at: datetime, reason: str) -> None:
    """Take claims out of a batch that was cancelled."""
    transitions.move_all(claims, ClaimState.APPROVED, by=by, at=at, reason=reason)


def settle_claims(claims: Sequence[Claim], *, by: Actor, at: datetime) -> None:
    """Record that the bank executed the transfer of these claims."""
    transitions.move_all(claims, ClaimState.PAID, by=by, at=at, settled_at=at)


def fail_claims(claims: Sequence[Claim], *, by: Actor, at: datetime, reason: str) -> None:
    """Record that the bank returned the transfer of these claims, even after it paid, and why."""
    transitions.move_all(
        claims, ClaimState.PAYMENT_FAILED, by=by, at=at, reason=reason, settled_at=None
    )


def reverse_claim(claim: Claim, *, by: Actor, at: datetime, reason: str) -> None:
    """Take back an approved or paid claim: its decision stays readable and has no effect any more.

    What it had used of ceilings, frequencies and approvals is free again. The caller holds the lock of
    the insured person and posts the opposite entries. Raises TransitionRefused.
    """
    transitions.move(claim, ClaimState.REVERSED, by=by, at=at, reason=reason, settled_at=None)
