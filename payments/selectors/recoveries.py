"""Reading what is taken back: reversals, debts, plans, and what each transfer kept."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum
from django.utils.timezone import localdate

from accounts.models import Role
from claims.models import Claim
from payments.models import (
    OrderClaim,
    PaymentOrder,
    Recovery,
    RecoveryPlan,
    Reversal,
    ReversalNotice,
    UndueAmount,
)
from payments.permissions import REVERSAL_READERS, can_watch_payments
from payments.states import OrderState, ReversalState, UndueState
from providers.selectors import provider_ids_signed_by

OWED_STATES = (UndueState.OPEN, UndueState.IN_RECOVERY)


def recoveries_of(order: PaymentOrder) -> list[Recovery]:
    """What an order kept for debts, claim by claim, with each debt and the claim it comes from.

    Their sum and the order's amount make the dues of its claims. A cancelled order kept nothing.
    """
    return list(
        Recovery.objects.filter(order_claim__order=order, is_live=True, came_back=False)
        .select_related(
            "order_claim__claim__sheet", "undue__claim__sheet", "undue__reversal", "undue__plan"
        )
        .order_by("undue_id", "order_claim__claim_id")
    )


def recovered_of_claims(claim_ids: Sequence[UUID]) -> dict[UUID, int]:
    """What returned transfers had kept of each claim: it paid a debt and is not owed again."""
    rows = (
        OrderClaim.objects.filter(
            claim_id__in=claim_ids, order__state=OrderState.RETURNED, recovered_centimes__gt=0
        )
        .values("claim_id")
        .annotate(kept=Sum("recovered_centimes"))
    )
    return {row["claim_id"]: row["kept"] for row in rows}


def reversals_visible_to(viewer: Any) -> QuerySet[Reversal]:
    """Reversals, newest first, for agents, payment officers and auditors; nothing for anybody else."""
    rows = Reversal.objects.select_related(
        "claim__sheet", "claim__provider", "claim__patient", "requested_by", "decided_by"
    ).order_by("-requested_at")
    reads = getattr(viewer, "role", None) in REVERSAL_READERS
    return rows if reads else rows.none()


def reversal_of(claim: Claim) -> Reversal | None:
    """The reversal of a claim that is asked for or done, with its debt."""
    return (
        Reversal.objects.filter(claim=claim)
        .exclude(state=ReversalState.REFUSED)
        .select_related("undue")
        .first()
    )


def debts_visible_to(viewer: Any, *, at: datetime) -> QuerySet[UndueAmount]:
    """Debts a person may read: all for the payments office, else their own, newest first."""
    debts = UndueAmount.objects.select_related(
        "claim__sheet",
        "claim__provider",
        "claim__patient",
        "insured",
        "provider",
        "reversal",
        "plan",
    ).order_by("-opened_at", "-id")
    if can_watch_payments(viewer):
        return debts
    return debts.filter(_concerns(viewer, at))


def notices_for(viewer: Any, *, at: datetime) -> QuerySet[ReversalNotice]:
    """Notices of reversal given to this insured person, or to the providers they sign for."""
    return (
        ReversalNotice.objects.filter(_concerns(viewer, at))
        .select_related(
            "reversal__claim__sheet",
            "reversal__claim__provider",
            "reversal__claim__patient",
            "reversal__undue__plan",
        )
        .order_by("-given_at", "-id")
    )


def _concerns(viewer: Any, at: datetime) -> Q:
    """Rows of this insured person, or of the providers this person signs for."""
    if viewer.role == Role.INSURED:
        return Q(insured__user=viewer)
    return Q(provider_id__in=provider_ids_signed_by(viewer, localdate(at)))


def plan_of(undue: UndueAmount) -> RecoveryPlan | None:
    """The plan of a debt, or None while there is none."""
    return RecoveryPlan.objects.filter(undue=undue).select_related("agreed_by").first()


def movements_of(undue: UndueAmount) -> list[Recovery]:
    """What was kept for a debt, oldest first, cancelled batches included."""
    return list(
        undue.recoveries.select_related(
            "order_claim__order__batch", "order_claim__claim__sheet"
        ).order_by("at", "id")
    )


def owed_centimes(debts: Iterable[UndueAmount]) -> int:
    """What is still to be recovered of debts, in centimes."""
    return sum(debt.left_centimes for debt in debts)


def receivable_centimes() -> int:
    """What all payees owe the fund, in centimes: the balance of the ledger's RECEIVABLE, always."""
    living = UndueAmount.objects.exclude(state=UndueState.CANCELLED)
    return int(
        living.aggregate(left=Sum(F("amount_centimes") - F("recovered_centimes"), default=0))[
            "left"
        ]
    )
