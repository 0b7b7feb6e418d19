"""Opening statements: they tell of care, so that reading them is audited."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import DomainError
from payments.models import PaymentBatch, PaymentOrder
from payments.permissions import can_watch_payments
from payments.selectors import orders_visible_to


class StatementUnknown(DomainError):
    """No such statement for this reader: whether it exists for another is not told."""

    code = "STATEMENT_UNKNOWN"
    status = 404
    message = _("Ce décompte n’existe pas, ou ne vous est pas adressé.")


class TooManyStatements(DomainError):
    """More statements than one file is written for while somebody waits."""

    code = "TOO_MANY_STATEMENTS"
    status = 422
    message = _(
        "%(count)s règlements sont trop pour un seul fichier (%(limit)s au plus). "
        "Choisissez une période plus courte ; rien n’a été téléchargé."
    )


# A provider is paid a few times a month: more than ten years of transfers.
MOST_STATEMENTS = 500


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


def open_statements(*, orders: QuerySet[PaymentOrder], by: Any, at: datetime) -> None:
    """Record that `by` reads these statements, all of which they may read, in one file.

    Raises TooManyStatements, and StatementUnknown when one of them is not theirs.
    """
    found = list(orders.order_by("id")[: MOST_STATEMENTS + 1])
    if len(found) > MOST_STATEMENTS:
        raise TooManyStatements(count=orders.count(), limit=MOST_STATEMENTS)
    mine = orders_visible_to(by, at=at).filter(id__in=[order.id for order in found])
    if mine.count() != len(found):
        raise StatementUnknown
    audit.record(
        by=by,
        at=at,
        action="payments.statements.read",
        subject=by,
        after={"references": [order.reference for order in found]},
    )


def open_remittance(*, batch: PaymentBatch, by: Any, at: datetime) -> None:
    """Record that `by` takes every line of a batch out of the product. Raises StatementUnknown."""
    if not can_watch_payments(by):
        raise StatementUnknown
    audit.record(by=by, at=at, action="payments.batch.remittance_read", subject=batch)
