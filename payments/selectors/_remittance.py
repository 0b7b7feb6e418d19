"""What orders pay, line by line: read in chunks, so that a batch of any size fits in memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from claims.models import Claim, Decision, LineDecision
from claims.selectors import StoredStep, steps_of_line
from payments.models import OrderClaim, PaymentOrder, Recovery, UndueAmount

CHUNK = 500


@dataclass(frozen=True, slots=True)
class PaidClaim:
    """A claim of an order with the decision behind its amount, its lines and their steps.

    `due_centimes` is what the order owes for it, of which `kept_centimes` pays debts of the payee.
    """

    order: PaymentOrder
    claim: Claim
    decision: Decision
    lines: tuple[LineDecision, ...]
    steps: tuple[StoredStep, ...]
    due_centimes: int
    kept_centimes: int


@dataclass(frozen=True, slots=True)
class KeptForDebt:
    """What an order kept for one debt, and what was left of the debt right after it: in centimes."""

    order: PaymentOrder
    undue: UndueAmount
    kept_centimes: int
    left_centimes: int


def claims_of_order(order: PaymentOrder) -> list[PaidClaim]:
    """What an order pays, decision by decision, in the order of claims: three queries."""
    return list(paid_claims(PaymentOrder.objects.filter(pk=order.pk)))


def paid_claims(orders: QuerySet[PaymentOrder]) -> Iterator[PaidClaim]:
    """What orders pay, by reference then by claim: two queries more for each CHUNK claims."""
    rows = (
        OrderClaim.objects.filter(order__in=orders)
        .select_related(
            "order__batch",
            "order__insured",
            "order__provider",
            "claim__sheet",
            "claim__patient",
            "claim__provider",
        )
        .order_by("order__reference", "claim_id")
        .iterator(chunk_size=CHUNK)
    )
    while chunk := list(islice(rows, CHUNK)):
        yield from _decided(chunk)


def _decided(rows: Sequence[OrderClaim]) -> Iterator[PaidClaim]:
    decisions = _decisions_paid(rows)
    # The instants narrow the search to a few partitions.
    instants = {decision.id: decision.decided_at for decision in decisions.values()}
    lines: dict[UUID, list[LineDecision]] = {key: [] for key in instants}
    for line in (
        LineDecision.objects.filter(decision_id__in=instants, at__in=set(instants.values()))
        .select_related("line__act", "line__medicine")
        .order_by("position")
    ):
        lines[line.decision_id].append(line)
    for row in rows:
        decision = decisions[row.id]
        yield PaidClaim(
            order=row.order,
            claim=row.claim,
            decision=decision,
            lines=tuple(lines[decision.id]),
            steps=tuple(step for line in lines[decision.id] for step in steps_of_line(line)),
            due_centimes=row.amount_centimes,
            kept_centimes=row.recovered_centimes,
        )


def _decisions_paid(rows: Sequence[OrderClaim]) -> dict[UUID, Decision]:
    """The decision each row pays, by row: the last one taken when its batch was prepared.

    A claim judged again later does not change the paper of what was paid before.
    """
    by_claim: dict[UUID, list[Decision]] = {}
    claim_ids = {row.claim_id for row in rows}
    for decision in Decision.objects.filter(claim_id__in=claim_ids).order_by("n"):
        by_claim.setdefault(decision.claim_id, []).append(decision)
    return {
        row.id: [
            each
            for each in by_claim[row.claim_id]
            if each.decided_at <= row.order.batch.prepared_at
        ][-1]
        for row in rows
    }


def kept_for_debts(orders: QuerySet[PaymentOrder]) -> list[KeptForDebt]:
    """What orders kept for debts, by reference then debt: two queries, one when nothing was kept."""
    live = Recovery.objects.filter(is_live=True)
    rows = (
        live.filter(order_claim__order__in=orders)
        .select_related("order_claim__order__batch", "undue__claim__sheet", "undue__reversal")
        .order_by("order_claim__order__reference", "undue_id", "id")
    )
    taken: dict[tuple[UUID, UUID], list[Recovery]] = {}
    for row in rows:
        taken.setdefault((row.order_claim.order_id, row.undue_id), []).append(row)
    if not taken:
        return []
    undues = {undue_id for _order_id, undue_id in taken}
    before = list(live.filter(undue_id__in=undues).values_list("undue_id", "at", "amount_centimes"))
    return [_kept(group, before) for group in taken.values()]


def _kept(rows: Sequence[Recovery], before: Iterable[tuple[UUID, datetime, int]]) -> KeptForDebt:
    """One order and one debt; `before` is everything that was ever kept for such debts."""
    first = rows[0]
    recovered = sum(
        amount for undue_id, at, amount in before if undue_id == first.undue_id and at <= first.at
    )
    return KeptForDebt(
        order=first.order_claim.order,
        undue=first.undue,
        kept_centimes=sum(row.amount_centimes for row in rows),
        left_centimes=first.undue.amount_centimes - recovered,
    )


def search_orders(
    orders: QuerySet[PaymentOrder],
    *,
    fse_number: str = "",
    amount: int | None = None,
    since: date | None = None,
    until: date | None = None,
    state: str = "",
) -> QuerySet[PaymentOrder]:
    """Narrow orders: to those that pay a sheet, of an amount in centimes, executed in a period.

    An amount is that of the transfer or of one of its claims; both days are included.
    """
    paid = OrderClaim.objects.filter(order=OuterRef("pk"))
    if fse_number:
        orders = orders.filter(Exists(paid.filter(claim__sheet__fse_number=fse_number)))
    if amount is not None:
        of_claim = Exists(paid.filter(amount_centimes=amount))
        orders = orders.filter(Q(amount_centimes=amount) | of_claim)
    if since is not None:
        orders = orders.filter(batch__execution_date__gte=since)
    if until is not None:
        orders = orders.filter(batch__execution_date__lte=until)
    return orders.filter(state=state) if state else orders
