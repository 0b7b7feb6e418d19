"""What a batch takes back of its payees' debts, and how a cancelled batch gives it back exactly."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, Q

from claims import selectors as claim_selectors
from claims.states import ClaimState
from core.audit import Actor
from core.transitions import move_all
from payments import rules
from payments.models import (
    OrderClaim,
    PaymentOrder,
    Posting,
    Recovery,
    RecoveryPlan,
    UndueAmount,
)
from payments.services._posting import Event, write
from payments.states import UndueState


@dataclass(frozen=True, slots=True)
class Netted:
    """Orders after netting, and the debts they take from, whose rows are locked."""

    orders: tuple[rules.NetOrder, ...]
    debts: dict[UUID, UndueAmount]

    @property
    def recoveries_of_claims(self) -> dict[UUID, int]:
        """What is taken back of each claim, in centimes."""
        taken: dict[UUID, int] = {}
        for each in (one for order in self.orders for one in order.taken):
            taken[each.claim_id] = taken.get(each.claim_id, 0) + each.amount_centimes
        return taken


def net_on(dues: Sequence[rules.Due], *, day: date) -> Netted:
    """Net dues with the debts whose plans take something on `day`; locks those debts in key order."""
    payees = {due.payee for due in dues}
    debts = _locked_debts(payees)
    plans = RecoveryPlan.objects.filter(undue_id__in=debts, is_contested=False, first_date__lte=day)
    law = claim_selectors.law().at(day)
    limits = {kind: law.number(f"recoveries.share_max.{kind.lower()}") for kind in rules.PayeeKind}
    orders = rules.net(dues, [_debt(debts[plan.undue_id], plan) for plan in plans], limits)
    return Netted(orders, debts)


def _locked_debts(payees: Iterable[rules.Payee]) -> dict[UUID, UndueAmount]:
    """Debts in recovery of these payees. Plans are read after: a pause waits for the same lock."""
    keys: dict[rules.PayeeKind, list[UUID]] = {kind: [] for kind in rules.PayeeKind}
    for payee in payees:
        keys[payee.kind].append(payee.id)
    rows = (
        UndueAmount.objects.select_for_update(of=("self",))
        .filter(
            Q(insured_id__in=keys[rules.PayeeKind.INSURED])
            | Q(provider_id__in=keys[rules.PayeeKind.PROVIDER]),
            state=UndueState.IN_RECOVERY,
        )
        .order_by("id")
    )
    return {row.id: row for row in rows}


def _debt(undue: UndueAmount, plan: RecoveryPlan) -> rules.Debt:
    return rules.Debt(
        undue.id,
        undue.payee,
        undue.left_centimes,
        share_bp=plan.share_bp,
        fixed_centimes=plan.fixed_centimes,
    )


def take(netted: Netted, rows: Iterable[OrderClaim], *, by: Actor, at: datetime) -> None:
    """Write what saved orders take back: recoveries, debts lowered, postings."""
    row_of = {row.claim_id: row for row in rows}
    recoveries = [
        Recovery(
            undue=netted.debts[taken.debt_id],
            order_claim=row_of[taken.claim_id],
            amount_centimes=taken.amount_centimes,
            at=at,
        )
        for order in netted.orders
        for taken in order.taken
    ]
    Recovery.objects.bulk_create(recoveries)
    _lower(recoveries, by=by, at=at)
    write((_event(Posting.Kind.RECOVERED, each) for each in recoveries), at=at)


def _lower(recoveries: Sequence[Recovery], *, by: Actor, at: datetime) -> None:
    """Count recoveries in their debts; those recovered to the last centime are closed."""
    changed = {each.undue_id: each.undue for each in recoveries}
    for each in recoveries:
        changed[each.undue_id].recovered_centimes += each.amount_centimes
    UndueAmount.objects.bulk_update(changed.values(), ["recovered_centimes"])
    done = [undue for undue in changed.values() if not undue.left_centimes]
    move_all(done, UndueState.RECOVERED, by=by, at=at)


def take_returns(orders: Sequence[PaymentOrder], *, by: Actor, at: datetime) -> None:
    """Returned transfers of claims reversed since they were paid: what came back pays their debts.

    What is beyond the debt, because a part was recovered before, stays owed to the payee. A claim kept
    whole sent nothing: nothing of it came back.
    """
    rows = {
        row.claim_id: row
        for row in OrderClaim.objects.filter(
            order__in=orders,
            claim__state=ClaimState.REVERSED,
            recovered_centimes__lt=F("amount_centimes"),
        ).order_by("id")
    }
    debts = (
        UndueAmount.objects.select_for_update(of=("self",))
        .filter(claim_id__in=rows, state__in=[UndueState.OPEN, UndueState.IN_RECOVERY])
        .order_by("id")
    )
    recoveries = [
        Recovery(
            undue=undue,
            order_claim=rows[undue.claim_id],
            amount_centimes=min(undue.left_centimes, rows[undue.claim_id].sent_centimes),
            at=at,
            came_back=True,
        )
        for undue in debts
    ]
    Recovery.objects.bulk_create(recoveries)
    _lower(recoveries, by=by, at=at)
    write((_event(Posting.Kind.RECOVERED, each) for each in recoveries), at=at)


def give_back(orders: Sequence[PaymentOrder], *, by: Actor, at: datetime, reason: str) -> None:
    """Undo what the orders of a cancelled batch took back: debts and ledger as before the freeze."""
    live = Recovery.objects.filter(order_claim__order__in=orders, is_live=True)
    debts = {
        row.id: row
        for row in UndueAmount.objects.select_for_update(of=("self",))
        .filter(id__in=live.values("undue_id"))
        .order_by("id")
    }
    recoveries = list(live.select_related("order_claim__order").order_by("id"))
    closed = [undue for undue in debts.values() if undue.state == UndueState.RECOVERED]
    move_all(closed, UndueState.IN_RECOVERY, by=by, at=at, reason=reason)
    for each in recoveries:
        UndueAmount.objects.filter(id=each.undue_id).update(
            recovered_centimes=F("recovered_centimes") - each.amount_centimes
        )
        each.undue = debts[each.undue_id]
    write((_event(Posting.Kind.GIVEN_BACK, each) for each in recoveries), at=at)
    Recovery.objects.filter(id__in=[each.id for each in recoveries]).update(is_live=False)


def _event(kind: Posting.Kind, recovery: Recovery) -> Event:
    """The posting of one recovery, on the claim it was kept from."""
    movement = rules.recovery if kind == Posting.Kind.RECOVERED else rules.recovery_undone
    row, payee = recovery.order_claim, recovery.undue.payee
    return Event(
        kind,
        recovery.id,
        movement(payee, recovery.amount_centimes),
        payee_id=payee.id,
        claim_id=row.claim_id,
        insured_id=row.insured_id,
        order_id=row.order_id,
    )
