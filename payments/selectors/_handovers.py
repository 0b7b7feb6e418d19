"""When the money of a claim is in somebody else's hands than the fund's: for the fairness clock."""

from collections.abc import Iterable
from uuid import UUID

from django.utils.timezone import localtime

from claims.rules.clock import Side, Turn
from payments.models import OrderClaim
from payments.states import OrderState


def handovers_of(claim_ids: Iterable[UUID]) -> dict[UUID, list[Turn]]:
    """Return the instants from which the bank has had the transfer of each claim: one query."""
    sent = OrderClaim.objects.filter(
        claim_id__in=list(claim_ids), order__batch__exported_at__isnull=False
    ).values_list("claim_id", "order__batch__exported_at")
    turns: dict[UUID, list[Turn]] = {}
    for claim_id, exported_at in sent:
        turns.setdefault(claim_id, []).append(
            Turn(localtime(exported_at), Side.BANK, OrderState.SENT)
        )
    return turns
