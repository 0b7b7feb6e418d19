"""A statement as the API says it."""

from typing import Any

from core.languages import in_both_languages
from core.money import format_dirhams
from payments.models import PaymentOrder
from payments.states import OrderState
from providers.presenters import provider_output


def statement_output(order: PaymentOrder) -> dict[str, Any]:
    """One transfer to a provider, as a list of statements shows it."""
    return {
        "id": str(order.pk),
        "reference": order.reference,
        "batch": order.batch.number,
        "provider": provider_output(order.provider) if order.provider else None,
        "state": {
            "code": order.state,
            "label": in_both_languages(OrderState(order.state).label),
        },
        "amount": format_dirhams(order.amount_centimes),
        "execution_date": order.batch.execution_date.isoformat(),
        "answered_at": order.answered_at.isoformat() if order.answered_at else None,
        "return_reason": order.return_reason or None,
    }
