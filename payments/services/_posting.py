"""Writing postings: each event once, two entries a posting."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from claims.models import Claim, Decision
from claims.states import PAYABLE_STATES
from core.appending import append_rows
from core.crashpoints import crashpoint
from core.record_keys import new_key
from payments import rules, selectors
from payments.models import OrderClaim, PaymentOrder, Posting


@dataclass(frozen=True, slots=True)
class Event:
    """What a posting says happened: its source, its movement, and who it concerns."""

    kind: Posting.Kind
    source_id: UUID
    movement: rules.Movement
    payee_id: UUID
    claim_id: UUID
    insured_id: UUID
    order_id: UUID | None = None


def post_approved_claims(*, subject_ids: Sequence[UUID], at: datetime) -> None:
    """Post what the approval of these claims makes owed: once a decision, however often called.

    Subscriber of `claims.claim.approved`. Claims that are no longer to be paid are passed over.
    """
    with transaction.atomic():
        claims = list(
            Claim.objects.select_for_update(of=("self",))
            .filter(id__in=subject_ids, state__in=PAYABLE_STATES)
            .order_by("id")
        )
        post_approvals(claims, at=at)


def post_approvals(claims: Sequence[Claim], *, at: datetime) -> None:
    """Post the approvals of claims whose rows the caller has locked; those posted are passed over."""
    decisions = Decision.objects.filter(
        claim_id__in=[claim.id for claim in claims], n=F("claim__decision_n")
    )
    decided = {
        claim_id: (key, centimes)
        for claim_id, key, centimes in decisions.values_list(
            "claim_id", "id", "reimbursed_centimes"
        )
    }
    known = selectors.sources_posted(
        Posting.Kind.APPROVED, [key for key, _centimes in decided.values()]
    )
    earlier = selectors.approved_centimes_posted(decided)
    events = []
    for claim in claims:
        decision_id, centimes = decided[claim.id]
        if decision_id in known:
            continue
        movement = rules.approval(
            selectors.payee_of(claim),
            decided_centimes=centimes,
            posted_centimes=earlier.get(claim.id, 0),
        )
        if movement is not None:
            events.append(_approved(claim, decision_id, movement))
    write(events, at=at)


def _approved(claim: Claim, decision_id: UUID, movement: rules.Movement) -> Event:
    """The event of a claim's approval by one decision."""
    return Event(
        Posting.Kind.APPROVED,
        decision_id,
        movement,
        payee_id=selectors.payee_of(claim).id,
        claim_id=claim.id,
        insured_id=claim.insured_id,
    )


def post_orders(
    kind: Posting.Kind, orders: Iterable[PaymentOrder], *, at: datetime, executed: bool = False
) -> None:
    """Post what happened to orders (SENT, PAID or RETURNED), claim by claim, less what was kept.

    `executed`: they were paid before they were returned.
    """
    by_id = {order.id: order for order in orders}
    rows = OrderClaim.objects.filter(order_id__in=by_id).order_by("id")
    sent = (row for row in rows if row.sent_centimes)
    write((_order_event(kind, by_id[row.order_id], row, executed) for row in sent), at=at)


def _order_event(kind: Posting.Kind, order: PaymentOrder, row: OrderClaim, executed: bool) -> Event:
    """The event of one claim of an order."""
    payee = selectors.payee_of_order(order)
    movements = {
        Posting.Kind.SENT: lambda: rules.sending(payee, row.sent_centimes),
        Posting.Kind.PAID: lambda: rules.payment(row.sent_centimes),
        Posting.Kind.RETURNED: lambda: rules.returned(payee, row.sent_centimes, executed=executed),
    }
    return Event(
        kind,
        row.id,
        movements[kind](),
        payee_id=payee.id,
        claim_id=row.claim_id,
        insured_id=row.insured_id,
        order_id=order.id,
    )


def write(events: Iterable[Event], *, at: datetime) -> None:
    """Write postings and their entries. A source posted before meets `posting_happens_once`."""
    postings, entries = [], []
    for event in events:
        posting_id = new_key()
        postings.append((posting_id, event.kind, event.source_id, at))
        movement = event.movement
        for account, side in ((movement.debit, "DEBIT"), (movement.credit, "CREDIT")):
            entries.append(
                (
                    new_key(),
                    at,
                    posting_id,
                    account,
                    side,
                    movement.amount_centimes,
                    event.payee_id,
                    event.insured_id,
                    event.claim_id,
                    event.order_id,
                )
            )
    append_rows("payments_posting", _POSTING_COLUMNS, postings)
    crashpoint("post.before_entries")
    append_rows("payments_ledgerentry", _ENTRY_COLUMNS, entries)
    crashpoint("post.after_entries")


_POSTING_COLUMNS = ("id", "kind", "source_id", "at")
_ENTRY_COLUMNS = (
    "id",
    "at",
    "posting_id",
    "account",
    "side",
    "amount_centimes",
    "payee_id",
    "insured_id",
    "claim_id",
    "order_id",
)
