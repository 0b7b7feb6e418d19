"""Reading returned transfers to repair."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from payments.models import OrderClaim, PaymentOrder, PaymentRepair
from payments.permissions import can_watch_payments
from payments.states import OrderState, RepairState

UNREPAIRED = (RepairState.OPEN, RepairState.WAITING_PAYEE, RepairState.RETRYING)


def repairs_visible_to(viewer: Any) -> QuerySet[PaymentRepair]:
    """Returned transfers, the longest waiting first, for the payments office; nothing for others."""
    repairs = PaymentRepair.objects.select_related(
        "order__batch", "order__insured", "order__provider", "next_order__batch"
    ).order_by("since", "id")
    return repairs if can_watch_payments(viewer) else repairs.none()


def repairs_chosen(viewer: Any, keys: Iterable[UUID]) -> list[PaymentRepair]:
    """Those of `keys` that the viewer may see, in key order."""
    return list(repairs_visible_to(viewer).filter(id__in=list(keys)).order_by("id"))


def returned_accounts(claim_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return, for claims whose transfer came back, the account not to send to again.

    That of the last return; none once an officer said that the same account may be tried again.
    """
    rows = (
        OrderClaim.objects.filter(claim_id__in=list(claim_ids), order__state=OrderState.RETURNED)
        .order_by("order__answered_at", "id")
        .values_list("claim_id", "order__rib", "order__repair__state")
    )
    last = {claim_id: (rib, state) for claim_id, rib, state in rows}
    return {
        claim_id: rib for claim_id, (rib, state) in last.items() if state != RepairState.RETRYING
    }


def orders_after(repair: PaymentRepair) -> list[PaymentOrder]:
    """Orders that carried the claims of a returned one since, newest first, cancelled ones included."""
    claims = OrderClaim.objects.filter(order_id=repair.order_id).values("claim_id")
    return list(
        PaymentOrder.objects.filter(claims__claim_id__in=claims, id__gt=repair.order_id)
        .select_related("batch")
        .order_by("-id")
        .distinct()
    )


def repair_of_claim(claim_id: UUID) -> PaymentRepair | None:
    """Return the file of the last transfer that carried a claim and came back, if it is open."""
    return (
        PaymentRepair.objects.filter(state__in=UNREPAIRED, order__claims__claim_id=claim_id)
        .select_related("order")
        .order_by("-opened_at")
        .first()
    )
