"""Reading payments: what can be paid, orders and batches, balances of the ledger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, Q, QuerySet, Sum, When
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from claims.models import Claim
from claims.states import ClaimState
from core.numbers import is_rib
from insured.models import Insured
from payments.models import (
    LedgerEntry,
    OrderClaim,
    PayeeAccount,
    PaymentBatch,
    PaymentDay,
    PaymentOrder,
    Posting,
)
from payments.permissions import can_watch_payments
from payments.rules import Due, Payee, PayeeKind
from payments.selectors._handovers import handovers_of as handovers_of
from payments.selectors._remittance import KeptForDebt as KeptForDebt
from payments.selectors._remittance import PaidClaim as PaidClaim
from payments.selectors._remittance import claims_of_order as claims_of_order
from payments.selectors._remittance import kept_for_debts as kept_for_debts
from payments.selectors._remittance import paid_claims as paid_claims
from payments.selectors._remittance import search_orders as search_orders
from payments.selectors.accounts import accounts_on, open_changes_of
from payments.selectors.accounts import ribs_on as ribs_on
from payments.selectors.recoveries import recovered_of_claims as recovered_of_claims
from payments.selectors.recoveries import recoveries_of as recoveries_of
from payments.selectors.repairs import returned_accounts
from payments.states import ChangeState, OrderState
from providers.models import Provider
from providers.selectors import provider_ids_signed_by

PAYABLE_CLAIM_STATES = (ClaimState.APPROVED, ClaimState.PAYMENT_FAILED)
# What a payee is told of: transfers that left, and dues kept whole for a debt.
LEFT_STATES = (
    OrderState.SENT,
    OrderState.PAID,
    OrderState.RETURNED,
    OrderState.COMPENSATED,
)

LEFT_OUT_REASONS: dict[str, Promise] = {
    "NOTHING_OWED": _("rien à rembourser"),
    "NO_ACCOUNT": _("aucun compte bancaire valable à la date d’exécution"),
    "WRONG_ACCOUNT_KEY": _("la clé du RIB est fausse"),
    "ACCOUNT_UNCHANGED": _("virement rejeté, et le compte n’a pas changé depuis"),
    "ACCOUNT_CHANGE_PENDING": _(
        "virement rejeté, et le nouveau compte n’est pas encore en vigueur"
    ),
    "ACCOUNT_CONTESTED": _("changement de compte contesté : un agent décide d’abord"),
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A claim that cannot be paid now, and why: a code of LEFT_OUT_REASONS."""

    claim: Claim
    reason: str

    @property
    def sentence(self) -> str:
        """The reason in the active language."""
        return str(LEFT_OUT_REASONS[self.reason])


@dataclass(frozen=True, slots=True)
class Sorting:
    """Claims that can be paid with their payees' accounts, and the others with their reasons."""

    payable: tuple[Claim, ...]
    left_out: tuple[LeftOut, ...]
    accounts: dict[Payee, PayeeAccount]


@dataclass(frozen=True, slots=True)
class BatchTotals:
    """Counts and sums, in centimes, of a batch's orders by what the bank answered."""

    order_count: int
    control_sum_centimes: int
    paid_count: int
    paid_centimes: int
    returned_count: int
    returned_centimes: int
    waiting_count: int
    waiting_centimes: int


def local_day(at: datetime) -> date:
    """Return the calendar day of an instant, in the fund's time zone."""
    return timezone.localtime(at).date()


def payee_of(claim: Claim) -> Payee:
    """Return who is paid for a claim: the provider for third-party payment, else the insured."""
    if claim.third_party_payment:
        return Payee(PayeeKind.PROVIDER, claim.provider_id)
    return Payee(PayeeKind.INSURED, claim.insured_id)


def dues_of(claims: Sequence[Claim]) -> list[Due]:
    """Return what approved claims owe: what they reimburse, less what returned transfers had kept.

    Their reimbursed amounts are above zero. One query.
    """
    kept = recovered_of_claims([claim.id for claim in claims])
    return [
        Due(
            claim.id,
            claim.insured_id,
            payee_of(claim),
            claim.reimbursed_centimes - kept.get(claim.id, 0),
        )
        for claim in claims
    ]


def payee_of_order(order: PaymentOrder) -> Payee:
    """Return who an order pays; the database holds that it is exactly one."""
    if order.provider_id:
        return Payee(PayeeKind.PROVIDER, order.provider_id)
    return Payee(PayeeKind.INSURED, order.insured_id)


def waiting_claims(payees: str = PaymentDay.Payees.BOTH) -> QuerySet[Claim]:
    """Claims that money is owed for to these payees and no live order carries, oldest first."""
    # The work list finds them; the claim's own state is what a lock reads again.
    waiting = Claim.objects.filter(
        waiting__state__in=PAYABLE_CLAIM_STATES, state__in=PAYABLE_CLAIM_STATES
    ).order_by("id")
    if payees == PaymentDay.Payees.BOTH:
        return waiting
    return waiting.filter(third_party_payment=payees == PaymentDay.Payees.PROVIDER)


def claims_payable(at: datetime, payment_day: PaymentDay | None = None) -> list[Claim]:
    """Claims that a batch frozen now, for a day of the calendar or not, would pay."""
    return list(_sorted_now(at, payment_day).payable)


def claims_left_out(at: datetime, payment_day: PaymentDay | None = None) -> list[LeftOut]:
    """Claims that a batch frozen now would leave out, each with its reason."""
    return list(_sorted_now(at, payment_day).left_out)


def _sorted_now(at: datetime, payment_day: PaymentDay | None) -> Sorting:
    payees = payment_day.payees if payment_day else PaymentDay.Payees.BOTH
    claims = waiting_claims(payees).select_related("sheet", "patient", "provider", "insured")
    return sort_claims(list(claims), day=payment_day.day if payment_day else local_day(at))


def sort_claims(claims: Sequence[Claim], *, day: date) -> Sorting:
    """Part claims that can be paid on `day` from those that cannot, in four queries whatever their number."""
    payees = {payee_of(claim) for claim in claims}
    accounts = accounts_on(payees, day=day)
    changes = open_changes_of(payees)
    returned_to = returned_accounts([claim.id for claim in claims])
    payable, left_out = [], []
    for claim in claims:
        payee = payee_of(claim)
        reason = _why_not(
            claim, accounts.get(payee), returned_to.get(claim.id), changes.get(payee, "")
        )
        if reason:
            left_out.append(LeftOut(claim, reason))
        else:
            payable.append(claim)
    return Sorting(tuple(payable), tuple(left_out), accounts)


def _why_not(
    claim: Claim, account: PayeeAccount | None, returned_rib: str | None, change: str
) -> str:
    """Return the code of what keeps a claim from being paid, or nothing."""
    if claim.reimbursed_centimes <= 0:
        return "NOTHING_OWED"
    if change == ChangeState.CONTESTED:
        return "ACCOUNT_CONTESTED"
    if account is None:
        return "NO_ACCOUNT"
    if not is_rib(account.rib):
        return "WRONG_ACCOUNT_KEY"
    if account.rib == returned_rib:
        return "ACCOUNT_CHANGE_PENDING" if change else "ACCOUNT_UNCHANGED"
    return ""


def orders_visible_to(viewer: Any, *, at: datetime) -> QuerySet[PaymentOrder]:
    """Orders a person may read: all for the payments office, else those that pay them.

    Insured people see the orders sent to themselves; people of care those sent to the providers they
    sign for on that day. Orders that never left are the office's alone.
    """
    orders = PaymentOrder.objects.select_related("batch", "insured", "provider").order_by("-id")
    if can_watch_payments(viewer):
        return orders
    left = orders.filter(state__in=LEFT_STATES)
    if getattr(viewer, "role", None) == Role.INSURED:
        return left.filter(insured__user=viewer)
    if getattr(viewer, "gives_care", False):
        return left.filter(provider_id__in=provider_ids_signed_by(viewer, local_day(at)))
    return orders.none()


def statements_of(payee: Insured | Provider) -> QuerySet[PaymentOrder]:
    """Orders that went to the bank for one payee, newest first: each has a statement."""
    orders = PaymentOrder.objects.filter(state__in=LEFT_STATES)
    scope = {"insured": payee} if isinstance(payee, Insured) else {"provider": payee}
    return orders.filter(**scope).select_related("batch").order_by("-id")


def orders_of_claims(claim_ids: Iterable[UUID]) -> dict[UUID, PaymentOrder]:
    """Return the latest order that carried each claim, returned ones included."""
    rows = (
        OrderClaim.objects.filter(claim_id__in=list(claim_ids))
        .exclude(order__state=OrderState.CANCELLED)
        .select_related("order__batch")
        .order_by("id")
    )
    return {row.claim_id: row.order for row in rows}


def batches_visible_to(viewer: Any) -> QuerySet[PaymentBatch]:
    """Batches, newest first, for the payments office; nothing for anybody else."""
    batches = PaymentBatch.objects.select_related("prepared_by", "approved_by").order_by("-id")
    return batches if can_watch_payments(viewer) else batches.none()


def orders_of(batch: PaymentBatch) -> QuerySet[PaymentOrder]:
    """Orders of a batch in the order of their references, with their payees."""
    return (
        PaymentOrder.objects.filter(batch=batch)
        .select_related("insured", "provider", "repair")
        .annotate(
            claim_count=Count("claims"),
            kept_centimes=Sum("claims__recovered_centimes", default=0),
        )
        .order_by("reference")
    )


def batch_totals(batch: PaymentBatch) -> BatchTotals:
    """Count and sum the orders of a batch by what the bank answered, in one query."""
    sums = PaymentOrder.objects.filter(batch=batch).aggregate(
        order_count=Count("id"),
        control_sum_centimes=Sum("amount_centimes", default=0),
        **_count_and_sum("paid", [OrderState.PAID]),
        **_count_and_sum("returned", [OrderState.RETURNED]),
        **_count_and_sum("waiting", [OrderState.READY, OrderState.SENT]),
    )
    return BatchTotals(**sums)


def _count_and_sum(name: str, states: Sequence[str]) -> dict[str, Any]:
    """Aggregates of the orders that are in some states."""
    inside = Q(state__in=states)
    return {
        f"{name}_count": Count("id", filter=inside),
        f"{name}_centimes": Sum("amount_centimes", filter=inside, default=0),
    }


_SIGNED_AMOUNT = Case(
    When(side=LedgerEntry.Side.DEBIT, then=F("amount_centimes")), default=-F("amount_centimes")
)


def ledger_balances() -> dict[str, int]:
    """Debits less credits of every account, in centimes; accounts never used are zero."""
    sums = LedgerEntry.objects.values("account").annotate(balance=Sum(_SIGNED_AMOUNT))
    return dict.fromkeys(LedgerEntry.Account.values, 0) | {
        row["account"]: row["balance"] for row in sums
    }


def ledger_sum() -> int:
    """Debits less credits of the whole ledger, in centimes: zero, always."""
    return sum(ledger_balances().values())


def ledger_of_claim(claim_id: UUID) -> list[LedgerEntry]:
    """The entries of one claim, oldest first: its story in the accounts."""
    return list(LedgerEntry.objects.filter(claim_id=claim_id).order_by("id"))


def approved_centimes_posted(claim_ids: Iterable[UUID]) -> dict[UUID, int]:
    """What the approvals of each claim posted so far, net of corrections."""
    rows = (
        LedgerEntry.objects.filter(
            claim_id__in=list(claim_ids), account=LedgerEntry.Account.BENEFITS
        )
        .values("claim_id")
        .annotate(posted=Sum(_SIGNED_AMOUNT))
    )
    return {row["claim_id"]: row["posted"] for row in rows}


def sources_posted(kind: str, source_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these sources were already posted, for one kind of event."""
    posted = Posting.objects.filter(kind=kind, source_id__in=list(source_ids))
    return set(posted.values_list("source_id", flat=True))


def order_of_claim(claim: Claim) -> OrderClaim | None:
    """Return the last transfer that carried a claim, with its order."""
    return OrderClaim.objects.select_related("order").filter(claim=claim).order_by("-id").first()


def coming_centimes(claims: QuerySet[Claim]) -> int:
    """Return what is approved and not yet paid to the insured person among `claims`."""
    waiting = (ClaimState.APPROVED, ClaimState.SCHEDULED)
    coming = claims.filter(state__in=waiting, third_party_payment=False)
    return int(coming.aggregate(total=Sum("reimbursed_centimes", default=0))["total"])


def transfer_returned(claims: QuerySet[Claim]) -> Claim | None:
    """Return the latest claim among `claims` whose transfer to the insured person came back."""
    returned = claims.filter(state=ClaimState.PAYMENT_FAILED, third_party_payment=False)
    return returned.order_by("-received_at").first()
