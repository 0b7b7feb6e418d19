"""The tables of payments."""

from payments.models.account import AccountChange, AccountNotice, PayeeAccount
from payments.models.bank import BankAnswer, BankLine
from payments.models.calendar import PaymentDay
from payments.models.recovery import (
    Recovery,
    RecoveryPlan,
    Reversal,
    ReversalNotice,
    UndueAmount,
)
from payments.models.repairs import PaymentRepair
from payments.models.settlement import (
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
    "BankLine",
    "LedgerEntry",
    "OrderClaim",
    "PayeeAccount",
    "PaymentBatch",
    "PaymentDay",
    "PaymentOrder",
    "PaymentRepair",
    "Posting",
    "Recovery",
    "RecoveryPlan",
    "Reversal",
    "ReversalNotice",
    "UndueAmount",
]
