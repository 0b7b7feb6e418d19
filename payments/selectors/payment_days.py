"""Reading the calendar: what comes next for whom, what is to prepare, a whole year."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.timezone import localdate

from payments.models import PaymentBatch, PaymentDay
from payments.rules import PayeeKind
from payments.states import BatchState

Payees = PaymentDay.Payees
PAID_WITH = {
    PayeeKind.INSURED: (Payees.INSURED, Payees.BOTH),
    PayeeKind.PROVIDER: (Payees.PROVIDER, Payees.BOTH),
}


@dataclass(frozen=True, slots=True)
class NextPayment:
    """The next published payment to a kind of payee, and in how many days."""

    day: date
    in_days: int


def next_payment(kind: PayeeKind, *, at: datetime) -> NextPayment | None:
    """The first open day of the calendar from today on for these payees, or None if not planned."""
    today = localdate(at)
    coming = PaymentDay.objects.filter(payees__in=PAID_WITH[kind], day__gte=today, is_open=True)
    first = coming.order_by("day").first()
    return NextPayment(first.day, (first.day - today).days) if first else None


def days_to_prepare(at: datetime) -> QuerySet[PaymentDay]:
    """Open days whose cut-off is past, whose date is not, and that have no living batch."""
    living = PaymentBatch.objects.filter(payment_day=OuterRef("pk")).exclude(
        state=BatchState.CANCELLED
    )
    return PaymentDay.objects.filter(
        ~Exists(living), is_open=True, cut_off__lte=at, day__gte=localdate(at)
    ).order_by("day", "payees")


def days_of(year: int) -> QuerySet[PaymentDay]:
    """The payment days of a year, with their batches."""
    return (
        PaymentDay.objects.filter(day__year=year)
        .prefetch_related("batches")
        .order_by("day", "payees")
    )


def payment_day_by(key: UUID) -> PaymentDay | None:
    """One payment day by its key, or None."""
    return PaymentDay.objects.filter(pk=key).first()
