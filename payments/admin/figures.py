"""What the first page of the back office says of payments."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from payments import selectors
from payments.permissions import can_approve, can_pay
from payments.selectors.payment_days import days_to_prepare
from payments.selectors.repairs import repairs_visible_to
from payments.states import BatchState, RepairState


def payment_figures(user: Any) -> list[dict[str, Any]]:
    """Batches that wait for somebody; each figure links to its list."""
    batches = list(
        selectors.batches_visible_to(user).filter(
            state__in=[BatchState.FROZEN, BatchState.APPROVED, BatchState.EXPORTED]
        )
    )
    labels = {
        BatchState.FROZEN: (_("À approuver"), _("Aucun bordereau à approuver.")),
        BatchState.APPROVED: (_("À transmettre"), _("Aucun bordereau à transmettre.")),
        BatchState.EXPORTED: (_("Réponse attendue"), _("Aucune réponse attendue de la banque.")),
    }
    figures = _days_to_prepare(user)
    for state, (label, empty) in labels.items():
        inside = [batch for batch in batches if batch.state == state]
        figures.append(
            {
                "label": label,
                "empty": empty,
                "count": len(inside),
                "amount_centimes": sum(batch.control_sum_centimes for batch in inside),
                "age": "",
                "url": f"{reverse('admin:payments_paymentbatch_changelist')}?state__exact={state}",
                "is_mine": any(can_approve(user, batch) for batch in inside),
            }
        )
    repairs = repairs_visible_to(user).filter(state=RepairState.OPEN)
    amounts = [repair.order.amount_centimes for repair in repairs]
    figures.append(
        {
            "label": _("Virements à examiner"),
            "empty": _("Aucun virement revenu à examiner."),
            "count": len(amounts),
            "amount_centimes": sum(amounts),
            "age": "",
            "url": f"{reverse('admin:payments_paymentrepair_changelist')}?state__exact=OPEN",
            "is_mine": can_pay(user),
        }
    )
    return figures


def _days_to_prepare(user: Any) -> list[dict[str, Any]]:
    """Days of the calendar whose batch a person has to freeze now; only for who freezes."""
    if not can_pay(user):
        return []
    days = list(days_to_prepare(timezone.now()))
    if not days:
        return []
    return [
        {
            "label": _("Bordereaux à geler"),
            "empty": "",
            "count": len(days),
            "amount_centimes": 0,
            "age": "",
            "url": reverse("admin:payments_paymentday_changelist"),
            "is_mine": True,
        }
    ]
