"""Reading the fairness clock of claims from their moves."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.timezone import localtime

from claims.models import Claim
from claims.rules.clock import Clock, Side, Turn, read_clock
from claims.selectors._reading import law
from claims.states import CLAIM_MACHINE, ClaimState
from core.models import Transition

CLOSING = frozenset({"PAID", "DENIED", "CANCELLED", "REVERSED"})
# At one instant: what led to the bank, then what it answered, then who repairs a returned transfer.
LATER_AT_ONCE = {"PAID": 1, "PAYMENT_FAILED": 1, "OPEN": 2, "WAITING_PAYEE": 2, "RETRYING": 2}


def clocks_of(claims: Sequence[Claim], *, at: datetime) -> dict[UUID, Clock]:
    """Return the fairness clock of each claim at an instant: two queries whatever their number,
    four when a transfer came back.

    The moves of a claim say who has the ball; what happens to its money is known above this room,
    and `settings.HANDOVERS` says where.
    """
    if not claims:
        return {}
    turns: dict[UUID, list[Turn]] = {claim.pk: [] for claim in claims}
    payees = {claim.pk: _payee_side(claim) for claim in claims}
    for move in Transition.objects.filter(
        subject_id__in=turns, at__gte=min(claim.received_at for claim in claims)
    ).order_by("at", "id"):
        side = _side_after(move.to_state, payees[move.subject_id])
        turns[move.subject_id].append(Turn(localtime(move.at), side, move.to_state, move.reason))
    for claim_id, handed in import_string(settings.HANDOVERS)(list(turns)).items():
        turns[claim_id].extend(handed)
    return {claim.pk: _clock(claim, turns[claim.pk], at=at) for claim in claims}


def _payee_side(claim: Claim) -> Side:
    return Side.PROVIDER if claim.third_party_payment else Side.INSURED


def _side_after(state: str, payee: Side) -> Side | None:
    """Who has the ball in a state: a returned transfer waits for its payee, the rest for its owner."""
    if state in CLOSING:
        return None
    return payee if state == ClaimState.PAYMENT_FAILED else Side(CLAIM_MACHINE.owners[state])


def _clock(claim: Claim, turns: list[Turn], *, at: datetime) -> Clock:
    filed = Turn(localtime(claim.received_at), Side.SYSTEM, ClaimState.SUBMITTED)
    ordered = sorted(turns, key=lambda turn: (turn.at, LATER_AT_ONCE.get(turn.why, 0)))
    return read_clock(
        [filed, *ordered],
        at=localtime(max(at, claim.received_at)),
        legal_days=law().at(claim.received_date).delay("settlement_days"),
    )
