"""What is paid to whom, and what is posted: pure functions over whole centimes."""

from payments.rules.netting import Debt, Due, NetOrder, Taken, net
from payments.rules.postings import (
    Account,
    Movement,
    Payee,
    PayeeKind,
    approval,
    payment,
    returned,
    sending,
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
    "returned",
    "sending",
]
