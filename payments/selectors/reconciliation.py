"""Reconciling a batch: its orders, the ledger and what the bank booked, side by side."""

from dataclasses import dataclass

from django.db.models import Case, F, Q, Sum, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.models import BankLine, LedgerEntry, PaymentBatch, PaymentOrder
from payments.states import OrderState


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One figure, in centimes, as three books have it."""

    label: Promise
    orders_centimes: int
    ledger_centimes: int
    bank_centimes: int

    @property
    def difference_centimes(self) -> int:
        """The widest distance between two of the three: zero when they agree."""
        figures = (self.orders_centimes, self.ledger_centimes, self.bank_centimes)
        return max(figures) - min(figures)


def reconciliation_of(batch: PaymentBatch) -> tuple[Reconciled, ...]:
    """What left the account for good, what came back, and what nobody answered for yet.

    The bank's side of what left is what its booking notices (camt.054) debited less what they credited
    back: a status report announces, it books nothing.
    """
    orders = PaymentOrder.objects.filter(batch=batch).aggregate(
        paid=_sum(Q(state=OrderState.PAID)),
        returned=_sum(Q(state=OrderState.RETURNED)),
        waiting=_sum(Q(state__in=[OrderState.READY, OrderState.SENT])),
    )
    balances = _balances(batch)
    debited, credited = _booked(batch, BankLine.Outcome.PAID), _booked(batch, "RETURNED")
    left, back = debited - credited, _said_returned(batch)
    account = LedgerEntry.Account
    ledger_left = -balances.get(account.BANK, 0)
    ledger_waiting = -balances.get(account.TRANSIT, 0)
    return (
        Reconciled(_("Sorti du compte"), orders["paid"], ledger_left, left),
        Reconciled(
            _("Revenu ou rejeté"),
            orders["returned"],
            batch.control_sum_centimes - ledger_left - ledger_waiting,
            back,
        ),
        Reconciled(
            _("Sans réponse"),
            orders["waiting"],
            ledger_waiting,
            batch.control_sum_centimes - left - back,
        ),
    )


def _sum(condition: Q) -> Sum:
    return Sum("amount_centimes", filter=condition, default=0)


def _balances(batch: PaymentBatch) -> dict[str, int]:
    """Debits less credits that the batch's orders made, account by account."""
    orders = PaymentOrder.objects.filter(batch=batch).values("id")
    signed = Case(
        When(side=LedgerEntry.Side.DEBIT, then=F("amount_centimes")), default=-F("amount_centimes")
    )
    rows = (
        LedgerEntry.objects.filter(order_id__in=orders).values("account").annotate(sum=Sum(signed))
    )
    return {row["account"]: row["sum"] for row in rows}


def _booked(batch: PaymentBatch, outcome: str) -> int:
    """What booking notices debited, or credited back, for a batch."""
    lines = BankLine.objects.filter(
        order__batch=batch, source=BankLine.Source.NOTICE, outcome=outcome
    )
    return int(lines.aggregate(sum=Sum("order__amount_centimes", default=0))["sum"])


def _said_returned(batch: PaymentBatch) -> int:
    """What the bank said came back, by whichever kind of file, each transfer once."""
    returned = PaymentOrder.objects.filter(
        batch=batch,
        id__in=BankLine.objects.filter(order__batch=batch, outcome="RETURNED").values("order_id"),
    )
    return int(returned.aggregate(sum=Sum("amount_centimes", default=0))["sum"])
