"""What is paid to whom, and what is posted: pure functions over whole centimes."""

from payments.rules.answers import CREDITED_BACK, Contradiction, Outcome, Source, Word, consequences
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
    "CREDITED_BACK",
    "Account",
    "Contradiction",
    "Debt",
    "Due",
    "Movement",
    "NetOrder",
    "Outcome",
    "Payee",
    "PayeeKind",
    "Source",
    "Taken",
    "Word",
    "approval",
    "consequences",
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
