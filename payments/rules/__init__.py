"""What is paid to whom, and what is posted: pure functions over whole centimes."""

from payments.rules.netting import Debt, Due, NetOrder, Taken, net
from payments.rules.postings import (
    Account,
    Movement,
    Payee,
    PayeeKind,
    approval,
    payment,
    recovery,
    recovery_undone,
    returned,
    reversal,
    sending,
    undue,
    waiver,
)

__all__ = [
    "Account",
    "Debt",
    "Due",
    "Movement",
    "NetOrder",
    "Payee",
    "PayeeKind",
    "Taken",
    "approval",
    "net",
    "payment",
    "recovery",
    "recovery_undone",
    "returned",
    "reversal",
    "sending",
    "undue",
    "waiver",
]
