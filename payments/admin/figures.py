"""What the first page of the back office says of payments."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from payments import selectors
from payments.permissions import can_approve
from payments.states import BatchState


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
    figures = []
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
    return figures
