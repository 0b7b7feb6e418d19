"""Opening a statement: it tells of care, so that reading it is audited."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import DomainError
from payments.models import PaymentOrder
from payments.selectors import orders_visible_to


class StatementUnknown(DomainError):
    """No such statement for this reader: whether it exists for another is not told."""

    code = "STATEMENT_UNKNOWN"
    status = 404
    message = _("Ce décompte n’existe pas, ou ne vous est pas adressé.")


def open_statement(*, order_id: UUID, by: Any, at: datetime) -> PaymentOrder:
    """Return an order whose statement `by` may read, and record the reading.

    Raises StatementUnknown.
    """
    order = orders_visible_to(by, at=at).filter(id=order_id).first()
    if order is None:
        raise StatementUnknown
    audit.record(
        by=by,
        at=at,
        action="payments.statement.read",
        subject=order,
        insured_id=order.insured_id,
    )
    return order
