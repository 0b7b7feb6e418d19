"""The tables of payments."""

from payments.models.account import AccountChange, AccountNotice, PayeeAccount
from payments.models.calendar import PaymentDay
from payments.models.recovery import (
    Recovery,
    RecoveryPlan,
    Reversal,
    ReversalNotice,
    UndueAmount,
)
from payments.models.settlement import (
    BankAnswer,
    LedgerEntry,
    OrderClaim,
    PaymentBatch,
    PaymentOrder,
    Posting,
)

__all__ = [
    "AccountChange",
    "AccountNotice",
    "BankAnswer",
    "LedgerEntry",
    "OrderClaim",
    "PayeeAccount",
    "PaymentBatch",
    "PaymentDay",
    "PaymentOrder",
    "Posting",
    "Recovery",
    "RecoveryPlan",
    "Reversal",
    "ReversalNotice",
    "UndueAmount",
]
