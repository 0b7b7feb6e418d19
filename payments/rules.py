"""What is paid to whom, and what is posted: pure functions over whole centimes.

Source: docs/payments.md, "Accounts and postings".
"""

from collections.abc import Iterable
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
    def payable_account(self) -> Account:
        """The account of what is owed to payees of this kind."""
        if self.kind is PayeeKind.PROVIDER:
            return Account.PAYABLE_PROVIDER
        return Account.PAYABLE_INSURED


@dataclass(frozen=True, slots=True)
class Due:
    """What one claim owes one payee, in centimes, always above zero."""

    claim_id: UUID
    insured_id: UUID
    payee: Payee
    amount_centimes: int

    def __post_init__(self) -> None:
        if self.amount_centimes <= 0:
            raise ValueError("a due is above zero")


@dataclass(frozen=True, slots=True)
class NetOrder:
    """All dues of one payee, to be paid by one transfer."""

    payee: Payee
    dues: tuple[Due, ...]

    @property
    def amount_centimes(self) -> int:
        """The transfer's amount: the plain sum of its dues."""
        return sum(due.amount_centimes for due in self.dues)


@dataclass(frozen=True, slots=True)
class Movement:
    """One posting: `amount_centimes` leaves `credit` and enters `debit`."""

    debit: Account
    credit: Account
    amount_centimes: int

    def __post_init__(self) -> None:
        if self.amount_centimes <= 0:
            raise ValueError("a movement is above zero")


def net(dues: Iterable[Due]) -> tuple[NetOrder, ...]:
    """One order per payee, in the order of payees; inside, dues in the order of claims.

    Raises ValueError when a claim appears twice: it would be paid twice.
    """
    by_payee: dict[Payee, list[Due]] = {}
    seen: set[UUID] = set()
    for due in sorted(dues, key=lambda due: due.claim_id):
        if due.claim_id in seen:
            raise ValueError(f"claim {due.claim_id} is due twice")
        seen.add(due.claim_id)
        by_payee.setdefault(due.payee, []).append(due)
    return tuple(NetOrder(payee, tuple(by_payee[payee])) for payee in sorted(by_payee))


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


def returned(payee: Payee, amount_centimes: int) -> Movement:
    """What the bank returned is owed again."""
    return Movement(Account.TRANSIT, payee.payable_account, amount_centimes)
