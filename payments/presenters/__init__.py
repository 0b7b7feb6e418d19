"""Statements of payment orders: what they say and how they are drawn."""

from payments.models import PaymentOrder
from payments.presenters import statement_document
from payments.presenters.statement import statement_of


def statement_pdf(order: PaymentOrder) -> bytes:
    """Return the statement of an order as a PDF, in French and Arabic on the same pages."""
    return statement_document.draw(statement_of(order))
