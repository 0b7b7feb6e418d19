"""The tables of payments."""

from payments.models.settlement import (
    BankAnswer,
    LedgerEntry,
    OrderClaim,
    PaymentBatch,
    PaymentOrder,
    Posting,
)

__all__ = [
    "BankAnswer",
    "LedgerEntry",
    "OrderClaim",
    "PaymentBatch",
    "PaymentOrder",
    "Posting",
]
