"""The bank, an outside party: files out, answers in, behind one protocol.

`iso20022` is the only way of writing and reading there is today.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from payments.gateways._bank_text import bank_text
from payments.gateways._errors import (
    BankAnswerTooLarge,
    BankAnswerUnreadable,
    BankFileInvalid,
    BankTotalsDiffer,
)
from payments.rules import Outcome

# A status of ten thousand transfers weighs about 5 MB.
MAX_ANSWER_BYTES = 20_000_000

__all__ = [
    "MAX_ANSWER_BYTES",
    "Answer",
    "Bank",
    "BankAnswerTooLarge",
    "BankAnswerUnreadable",
    "BankFileInvalid",
    "BankTotalsDiffer",
    "BookedLine",
    "Debtor",
    "Notification",
    "OrderAnswer",
    "Outcome",
    "Transfer",
    "TransferFile",
    "bank_text",
]


@dataclass(frozen=True, slots=True)
class Debtor:
    """The paying account: the fund's name, RIB and bank (BIC)."""

    name: str
    rib: str
    bic: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer: our reference, the payee's name and RIB, the amount in centimes."""

    reference: str
    holder: str
    rib: str
    amount_centimes: int


@dataclass(frozen=True, slots=True)
class TransferFile:
    """What one file asks of the bank."""

    message_id: str
    created_at: datetime
    execution_date: date
    debtor: Debtor
    transfers: tuple[Transfer, ...]


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """What the bank says of one transfer; the amount in centimes when the file repeats it."""

    reference: str
    outcome: Outcome | None
    reason: str = ""
    amount_centimes: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one answer file says; `default` holds for the transfers it does not list.

    Count and sum (centimes) are those the bank repeats of the original file, when it does.
    """

    message_id: str
    orders: tuple[OrderAnswer, ...]
    default: Outcome | None = None
    default_reason: str = ""
    order_count: int | None = None
    control_sum_centimes: int | None = None


@dataclass(frozen=True, slots=True)
class BookedLine:
    """One transaction booked on our account: a transfer debited (paid), or credited back (returned)."""

    reference: str
    outcome: Outcome
    amount_centimes: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Notification:
    """What one notification says was booked on one of our accounts, whichever batch it is of.

    Totals and counts that the file gives of itself were checked when it was read.
    """

    account: str
    lines: tuple[BookedLine, ...]


class Bank(Protocol):
    """How a bank is written to and read."""

    def write(self, file: TransferFile) -> bytes:
        """Return the file; the same content gives the same bytes. Raises BankFileInvalid."""

    def read(self, content: bytes) -> Answer | Notification:
        """Return what an answer file says. Raises BankAnswerTooLarge, BankAnswerUnreadable."""
