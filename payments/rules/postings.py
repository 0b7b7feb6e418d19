"""What is posted when money is owed, sent, paid, returned, taken back: pure, in whole centimes.

Source: docs/payments.md, "Accounts and postings".
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Account(StrEnum):
    """The closed list of accounts."""

    BENEFITS = "BENEFITS"
    PAYABLE_INSURED = "PAYABLE_INSURED"
    PAYABLE_PROVIDER = "PAYABLE_PROVIDER"
    TRANSIT = "TRANSIT"
    BANK = "BANK"
    RECEIVABLE = "RECEIVABLE"


class PayeeKind(StrEnum):
    """Who is paid: the insured person, or the provider when the payment is third-party."""

    INSURED = "INSURED"
    PROVIDER = "PROVIDER"


@dataclass(frozen=True, slots=True, order=True)
class Payee:
    """One payee: netting makes one order of all that is due to it."""

    kind: PayeeKind
    id: UUID

    @property
    def scope(self) -> dict[str, UUID]:
        """The one column that names this payee in a table: `insured_id` or `provider_id`."""
        return {f"{self.kind.lower()}_id": self.id}

    @property
    def payable_account(self) -> Account:
        """The account of what is owed to payees of this kind."""
        if self.kind is PayeeKind.PROVIDER:
            return Account.PAYABLE_PROVIDER
        return Account.PAYABLE_INSURED


@dataclass(frozen=True, slots=True)
class Movement:
    """One posting: `amount_centimes` leaves `credit` and enters `debit`."""

    debit: Account
    credit: Account
    amount_centimes: int

    def __post_init__(self) -> None:
        if self.amount_centimes <= 0:
            raise ValueError("a movement is above zero")


def approval(payee: Payee, *, decided_centimes: int, posted_centimes: int = 0) -> Movement | None:
    """What an approval posts: the decided amount less what earlier decisions of the claim posted.

    None when nothing changes; the other way round when the new decision gives less.
    """
    difference = decided_centimes - posted_centimes
    if difference == 0:
        return None
    payable = payee.payable_account
    if difference > 0:
        return Movement(Account.BENEFITS, payable, difference)
    return Movement(payable, Account.BENEFITS, -difference)


def sending(payee: Payee, amount_centimes: int) -> Movement:
    """What goes to the bank is no longer owed: it is on its way."""
    return Movement(payee.payable_account, Account.TRANSIT, amount_centimes)


def payment(amount_centimes: int) -> Movement:
    """What was on its way has left the bank account."""
    return Movement(Account.TRANSIT, Account.BANK, amount_centimes)


def returned(payee: Payee, amount_centimes: int, *, executed: bool = False) -> Movement:
    """What the bank returned is owed again: it was on its way, or, once `executed`, is back at the bank."""
    left = Account.BANK if executed else Account.TRANSIT
    return Movement(left, payee.payable_account, amount_centimes)


def reversal(payee: Payee, amount_centimes: int) -> Movement:
    """What was approved and never paid is no longer owed."""
    return Movement(payee.payable_account, Account.BENEFITS, amount_centimes)


def undue(amount_centimes: int) -> Movement:
    """What was paid and should not have been is owed to the fund."""
    return Movement(Account.RECEIVABLE, Account.BENEFITS, amount_centimes)


def recovery(payee: Payee, amount_centimes: int) -> Movement:
    """What is kept of a due pays a debt: nothing goes to the bank for it."""
    return Movement(payee.payable_account, Account.RECEIVABLE, amount_centimes)


def recovery_undone(payee: Payee, amount_centimes: int) -> Movement:
    """What was kept is owed again, both ways: its batch was cancelled."""
    return Movement(Account.RECEIVABLE, payee.payable_account, amount_centimes)


def waiver(amount_centimes: int) -> Movement:
    """What the fund gives up recovering stays a benefit paid."""
    return Movement(Account.BENEFITS, Account.RECEIVABLE, amount_centimes)
