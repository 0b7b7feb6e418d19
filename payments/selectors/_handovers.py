"""When the money of a claim is in somebody else's hands than the fund's: for the fairness clock."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.utils.timezone import localtime

from claims.rules.clock import Side, Turn
from core.models import Transition
from payments.models import OrderClaim, PaymentRepair
from payments.states import REPAIR_MACHINE, OrderState, RepairState

# A repair that ended says nothing: its claim has moved.
REPAIRING = (RepairState.OPEN, RepairState.WAITING_PAYEE, RepairState.RETRYING)


def handovers_of(claim_ids: Iterable[UUID]) -> dict[UUID, list[Turn]]:
    """Return from when the bank had the transfer of each claim, and who had to act once it came back.

    One query, and two more when a transfer of these claims was returned.
    """
    turns: dict[UUID, list[Turn]] = {}
    returned: dict[UUID, list[UUID]] = {}
    for row in OrderClaim.objects.filter(
        claim_id__in=list(claim_ids), order__batch__exported_at__isnull=False
    ).select_related("order__batch"):
        sent_at = row.order.batch.exported_at
        turns.setdefault(row.claim_id, []).append(_turn(sent_at, Side.BANK, OrderState.SENT))
        if row.order.state == OrderState.RETURNED:
            returned.setdefault(row.order_id, []).append(row.claim_id)
    for order_id, turn in _repairs(returned):
        for claim_id in returned[order_id]:
            turns[claim_id].append(turn)
    return turns


def _repairs(order_ids: Collection[UUID]) -> Iterator[tuple[UUID, Turn]]:
    """Who has had each returned transfer to repair, and since when."""
    if not order_ids:
        return
    repairs = {
        repair.pk: repair.order
        for repair in PaymentRepair.objects.filter(order_id__in=order_ids).select_related("order")
    }
    for move in Transition.objects.filter(subject_id__in=repairs, to_state__in=REPAIRING).order_by(
        "at", "id"
    ):
        order = repairs[move.subject_id]
        payee = Side.PROVIDER if order.provider_id else Side.INSURED
        owner = REPAIR_MACHINE.owners[move.to_state]
        side = payee if owner == "payee" else Side(owner)
        yield order.pk, _turn(move.at, side, move.to_state, move.reason)


def _turn(at: datetime, side: Side, why: str, note: str = "") -> Turn:
    return Turn(localtime(at), side, why, note)
