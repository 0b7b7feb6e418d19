"""What happened, counted in the database: the content of var/demo.json."""

from typing import Any

from django.db.models import Q, QuerySet, Sum

from claims.models import CareSheet, Claim
from claims.states import PAYABLE_STATES
from core.models import Transition
from core.money import format_dirhams
from payments.models import PaymentBatch, PaymentOrder
from payments.selectors import ledger_sum


def what_happened(seconds: dict[str, float]) -> dict[str, Any]:
    """Return the counts as they happened, and amounts as strings in dirhams."""
    claims = Claim.objects.all()
    owed = Q(state__in=[str(state) for state in PAYABLE_STATES])
    orders = PaymentOrder.objects.all()
    return {
        "sheets": CareSheet.objects.count(),
        "claims": claims.count(),
        "approved": claims.filter(owed, outcome="approved").count(),
        "partly_approved": claims.filter(owed, outcome="partly_approved").count(),
        "denied": claims.filter(state="DENIED").count(),
        "held": Transition.objects.filter(machine="claim", to_state="HELD")
        .values("subject_id")
        .distinct()
        .count(),
        "payment_failed": claims.filter(state="PAYMENT_FAILED").count(),
        "charged": _sum(claims, "charged_centimes"),
        "reimbursed": _sum(claims.filter(owed), "reimbursed_centimes"),
        "paid": _sum(orders.filter(state="PAID"), "amount_centimes"),
        "returned": _sum(orders.filter(state="RETURNED"), "amount_centimes"),
        "control_sum": _sum(
            PaymentBatch.objects.exclude(state="CANCELLED"), "control_sum_centimes"
        ),
        "ledger_sum": format_dirhams(ledger_sum()),
        "seconds": seconds,
    }


def _sum(rows: QuerySet[Any], column: str) -> str:
    return format_dirhams(int(rows.aggregate(total=Sum(column, default=0))["total"]))
