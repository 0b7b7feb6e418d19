"""Statements of payment orders: what they say, as a PDF and as an Excel file."""

from datetime import datetime
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from django.db.models import QuerySet

from payments.models import PaymentBatch, PaymentOrder
from payments.presenters import remittance, statement_document
from payments.presenters.statement import statement_of


def statement_pdf(order: PaymentOrder) -> bytes:
    """Return the statement of an order as a PDF, in French and Arabic on the same pages."""
    return statement_document.draw(statement_of(order))


def statement_xlsx(order: PaymentOrder) -> BinaryIO:
    """Return the lines of an order and their totals as an Excel file in the active language."""
    return _file(
        PaymentOrder.objects.filter(pk=order.pk),
        title=order.reference,
        created=order.batch.prepared_at,
        with_patients=True,
    )


def statements_xlsx(orders: QuerySet[PaymentOrder], *, at: datetime) -> BinaryIO:
    """The same for several orders of one payee, drawn at an instant."""
    return _file(orders, title="Waraqa", created=at, with_patients=True)


def batch_xlsx(batch: PaymentBatch) -> BinaryIO:
    """The same for a whole batch, without the patients' names."""
    return _file(
        PaymentOrder.objects.filter(batch=batch),
        title=batch.number,
        created=batch.prepared_at,
        with_patients=False,
    )


def _file(
    orders: QuerySet[PaymentOrder], *, title: str, created: datetime, with_patients: bool
) -> BinaryIO:
    """Write into a file of the system's, which disappears when it is closed."""
    target = cast(BinaryIO, TemporaryFile())  # noqa: SIM115 (the answer closes it)
    remittance.write_remittance(
        orders, target, title=title, created=created, with_patients=with_patients
    )
    target.seek(0)
    return target
