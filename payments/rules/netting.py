"""What is paid to whom once debts are taken back: pure functions over whole centimes.

Source: docs/payments.md, "Netting".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from core.money import BASIS_POINTS, round_half_up
from payments.rules.postings import Payee, PayeeKind


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
class Debt:
    """What a payee still has to give back, and what its plan takes: a share of the dues, or a sum."""

    id: UUID
    payee: Payee
    left_centimes: int
    share_bp: int | None = None
    fixed_centimes: int | None = None

    def __post_init__(self) -> None:
        if self.left_centimes <= 0:
            raise ValueError("a debt is above zero")
        if (self.share_bp is None) == (self.fixed_centimes is None):
            raise ValueError("a plan takes a share or a fixed sum")

    def asked_of(self, dues_centimes: int) -> int:
        """What the plan takes out of these dues, never more than what is left of the debt."""
        asked = self.fixed_centimes
        if asked is None:
            asked = round_half_up(dues_centimes * (self.share_bp or 0), BASIS_POINTS)
        return min(asked, self.left_centimes)


@dataclass(frozen=True, slots=True)
class Taken:
    """A part of one due kept back to pay a part of one debt, in centimes."""

    debt_id: UUID
    claim_id: UUID
    amount_centimes: int


@dataclass(frozen=True, slots=True)
class NetOrder:
    """All dues of one payee, less what its debts take: one transfer, or none when all is taken."""

    payee: Payee
    dues: tuple[Due, ...]
    taken: tuple[Taken, ...] = ()

    @property
    def taken_centimes(self) -> int:
        """What is kept back."""
        return sum(each.amount_centimes for each in self.taken)

    @property
    def amount_centimes(self) -> int:
        """The transfer's amount: never below zero."""
        return sum(due.amount_centimes for due in self.dues) - self.taken_centimes


def net(
    dues: Iterable[Due],
    debts: Iterable[Debt] = (),
    limits_bp: Mapping[PayeeKind, int] | None = None,
) -> tuple[NetOrder, ...]:
    """One order per payee, in the order of payees; inside, dues in the order of claims.

    All debts of a payee together take `limits_bp` of its dues at most, the oldest debt first; what
    they cannot take waits for the next batch. Raises ValueError when a claim or a debt appears twice.
    """
    dues_of: dict[Payee, list[Due]] = {}
    for due in sorted(dues, key=lambda due: due.claim_id):
        dues_of.setdefault(due.payee, []).append(due)
    _check_once("claim", [due.claim_id for rows in dues_of.values() for due in rows])
    debts_of: dict[Payee, list[Debt]] = {}
    for debt in sorted(debts, key=lambda debt: debt.id):
        debts_of.setdefault(debt.payee, []).append(debt)
    _check_once("debt", [debt.id for rows in debts_of.values() for debt in rows])
    limits = limits_bp or {}
    return tuple(
        _order(payee, dues_of[payee], debts_of.get(payee, ()), limits.get(payee.kind, 0))
        for payee in sorted(dues_of)
    )


def _check_once(what: str, keys: Sequence[UUID]) -> None:
    seen: set[UUID] = set()
    for key in keys:
        if key in seen:
            raise ValueError(f"{what} {key} is due twice")
        seen.add(key)


def _order(payee: Payee, dues: Sequence[Due], debts: Sequence[Debt], limit_bp: int) -> NetOrder:
    """The order of one payee: each debt in turn takes from the claims in turn."""
    total = sum(due.amount_centimes for due in dues)
    allowed = round_half_up(total * min(limit_bp, BASIS_POINTS), BASIS_POINTS)
    left_of = {due.claim_id: due.amount_centimes for due in dues}
    taken: list[Taken] = []
    for debt in debts:
        wanted = min(debt.asked_of(total), allowed)
        allowed -= wanted
        for claim_id, left in left_of.items():
            part = min(left, wanted)
            if part:
                taken.append(Taken(debt.id, claim_id, part))
                left_of[claim_id] -= part
                wanted -= part
    return NetOrder(payee, tuple(dues), tuple(taken))
