"""A batch: frozen by one person, approved by another, written as a bank file."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from claims import services as claim_services
from claims.models import Claim
from core import audit
from core.audit import Actor
from core.crashpoints import crashpoint
from core.errors import DomainError
from core.transitions import born, move, move_all
from payments import rules, selectors
from payments.models import (
    OrderClaim,
    PayeeAccount,
    PaymentBatch,
    PaymentDay,
    PaymentOrder,
)
from payments.permissions import check_can_approve, check_can_pay
from payments.selectors.accounts import accounts_changed_by, open_changes_of
from payments.services import _netting
from payments.services._calendar import open_day
from payments.services._posting import post_approvals
from payments.states import BatchState, ChangeState, OrderState


class NothingToPay(DomainError):
    """No claim can be paid now."""

    code = "NOTHING_TO_PAY"
    message = _(
        "Aucun dossier ne peut être payé maintenant (%(left_out)s écarté(s)). Aucun bordereau n’a été créé."
    )


class AllTakenBack(DomainError):
    """Debts take all that is due: there is no transfer to make."""

    code = "ALL_TAKEN_BACK"
    message = _(
        "Tout ce qui est dû maintenant est retenu sur des indus : il n’y a aucun virement à faire. "
        "Aucun bordereau n’a été créé ; ces demandes attendent le prochain."
    )


class ExecutionDateInPast(DomainError):
    """A transfer cannot be executed before today."""

    code = "EXECUTION_DATE_IN_PAST"
    status = 422
    message = _("La date d’exécution %(day)s est passée. Aucun bordereau n’a été créé.")


class BatchChanged(DomainError):
    """An order is no longer what was frozen: nobody approves or sends that."""

    code = "BATCH_CHANGED"
    message = _(
        "Le bordereau %(number)s n’est plus celui qui a été gelé. Annulez-le et gelez-en un autre ; "
        "rien n’a été envoyé."
    )


class CancellationReasonMissing(DomainError):
    """A batch is cancelled for a reason, which the trail keeps."""

    code = "REASON_MISSING"
    status = 422
    message = _("Dites pourquoi ce bordereau est annulé. Rien n’a été modifié.")


class PayeeEditor(DomainError):
    """Who changed a payee's account neither prepares nor approves a batch that pays on it."""

    code = "PAYEE_EDITOR"
    status = 403
    message = _(
        "Vous avez changé le compte de %(count)s bénéficiaire(s) de ce bordereau : une autre personne "
        "s’en charge. Rien n’a été modifié."
    )


class AccountsContested(DomainError):
    """An account of the batch is contested since the freeze: nothing leaves before a decision."""

    code = "ACCOUNT_CONTESTED"
    message = _(
        "Le changement de compte de %(count)s bénéficiaire(s) de ce bordereau est contesté. Annulez-le "
        "et gelez-en un autre : il les écartera. Rien n’a été envoyé."
    )


def freeze_batch(
    *,
    by: Actor,
    at: datetime,
    execution_date: date | None = None,
    payment_day: PaymentDay | None = None,
) -> PaymentBatch:
    """Gather all claims that can be paid into one batch: an order per payee, claims *scheduled*.

    For a `payment_day` of the calendar: its payees, its date, and one batch only; the day frozen again
    gives the batch it has. Without one, `execution_date`, or the day of `at`, and all payees. What
    debts take back is netted. Claims that cannot be paid stay where they are and are listed by
    `selectors.claims_left_out`. Raises NotAPaymentOfficer, ExecutionDateInPast, PaymentDayClosed,
    CutOffNotReached, NothingToPay, AllTakenBack, PayeeEditor.
    """
    check_can_pay(by)
    with transaction.atomic():
        payees = PaymentDay.Payees.BOTH
        if payment_day is not None:
            payment_day, frozen = open_day(payment_day.pk, at=at)
            if frozen is not None:
                return frozen
            execution_date, payees = payment_day.day, payment_day.payees
        day = execution_date or selectors.local_day(at)
        if day < selectors.local_day(at):
            raise ExecutionDateInPast(day=day.isoformat())
        waiting = selectors.waiting_claims(payees).select_for_update(of=("self",))
        sorting = selectors.sort_claims(list(waiting), day=day)
        if not sorting.payable:
            raise NothingToPay(left_out=len(sorting.left_out))
        paid = {selectors.payee_of(claim) for claim in sorting.payable}
        _check_no_editor(by, {(payee, sorting.accounts[payee].rib) for payee in paid})
        post_approvals(sorting.payable, at=at)
        crashpoint("freeze.before_orders")
        batch = _create_batch(sorting, by=by, at=at, day=day, payment_day=payment_day)
        crashpoint("freeze.after_orders")
        claim_services.schedule_claims(sorting.payable, by=by, at=at)
        audit.record(
            by=by,
            at=at,
            action="payments.batch.frozen",
            subject=batch,
            after={**described(batch), "left_out": len(sorting.left_out)},
        )
    return batch


def _create_batch(
    sorting: selectors.Sorting,
    *,
    by: Any,
    at: datetime,
    day: date,
    payment_day: PaymentDay | None,
) -> PaymentBatch:
    """Write the batch, its orders, what each order pays and what it takes back."""
    netted = _netting.net_on(selectors.dues_of(sorting.payable), day=day)
    taken = netted.recoveries_of_claims
    number = _next_number(day)
    orders = [
        _order(f"{number}-{index:05d}", net_order, sorting.accounts[net_order.payee])
        for index, net_order in enumerate(netted.orders, start=1)
    ]
    transfers = [order for order in orders if order.amount_centimes]
    if not transfers:
        raise AllTakenBack
    rows = [
        OrderClaim(
            order=order,
            claim_id=due.claim_id,
            insured_id=due.insured_id,
            amount_centimes=due.amount_centimes,
            recovered_centimes=taken.get(due.claim_id, 0),
        )
        for order, net_order in zip(orders, netted.orders, strict=True)
        for due in net_order.dues
    ]
    batch = PaymentBatch.objects.create(
        number=number,
        state=BatchState.FROZEN,
        prepared_by=by,
        prepared_at=at,
        execution_date=day,
        payment_day=payment_day,
        order_count=len(transfers),
        control_sum_centimes=sum(order.amount_centimes for order in orders),
        content_hash=_content_hash(number, day, orders, rows),
    )
    for order in orders:
        order.batch = batch
    PaymentOrder.objects.bulk_create(orders)
    OrderClaim.objects.bulk_create(rows)
    born(batch, by=by, at=at)
    for order in orders:
        born(order, by=by, at=at)
    _netting.take(netted, rows, by=by, at=at)
    return batch


def _order(reference: str, net_order: rules.NetOrder, account: PayeeAccount) -> PaymentOrder:
    """One order, not yet saved."""
    return PaymentOrder(
        reference=reference,
        state=OrderState.READY,
        **net_order.payee.scope,
        rib=account.rib,
        holder=account.holder,
        amount_centimes=net_order.amount_centimes,
    )


def _next_number(day: date) -> str:
    """Draw the next batch number: `B2026-000001`. A rolled back freeze leaves a gap, harmless."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('payments_batch_number')")
        return f"B{day.year}-{cursor.fetchone()[0]:06d}"


def _content_hash(
    number: str, day: date, orders: Sequence[PaymentOrder], rows: Iterable[OrderClaim]
) -> str:
    """SHA-256 of what was frozen: day, payees, accounts, amounts, the claims behind them, what is kept."""
    content: dict[UUID, list[Any]] = {
        order.id: [
            order.reference,
            str(order.insured_id or order.provider_id),
            order.rib,
            order.holder,
            order.amount_centimes,
        ]
        for order in orders
    }
    for row in sorted(rows, key=lambda row: row.claim_id):
        kept = [row.recovered_centimes] if row.recovered_centimes else []
        content[row.order_id].append([str(row.claim_id), row.amount_centimes, *kept])
    frozen = [number, day.isoformat(), list(content.values())]
    return sha256(json.dumps(frozen).encode()).hexdigest()


def approve_batch(*, batch: PaymentBatch, by: Actor, at: datetime) -> PaymentBatch:
    """Let a frozen batch go to the bank. Raises NotAPaymentOfficer, FourEyes, PayeeEditor, BatchChanged,
    AccountsContested, TransitionRefused."""
    with transaction.atomic():
        batch = locked(batch.id)
        check_can_approve(by, batch)
        orders = list(selectors.orders_of(batch))
        check_unchanged(batch, orders)
        _check_no_editor(by, {(selectors.payee_of_order(order), order.rib) for order in orders})
        check_uncontested(orders)
        move(batch, BatchState.APPROVED, by=by, at=at, approved_by=by, approved_at=at)
        crashpoint("approve.batch")
        audit.record(
            by=by,
            at=at,
            action="payments.batch.approved",
            subject=batch,
            before={"state": BatchState.FROZEN},
            after=described(batch),
        )
    return batch


def cancel_batch(*, batch: PaymentBatch, by: Actor, at: datetime, reason: str) -> PaymentBatch:
    """Undo a batch that was not sent: its claims can be paid by another one, its debts are as before.

    Raises NotAPaymentOfficer, CancellationReasonMissing, TransitionRefused (the batch already left).
    """
    check_can_pay(by)
    if not reason.strip():
        raise CancellationReasonMissing(pointer="/reason")
    with transaction.atomic():
        batch = locked(batch.id)
        before = batch.state
        move(batch, BatchState.CANCELLED, by=by, at=at, reason=reason)
        orders = list(PaymentOrder.objects.filter(batch=batch))
        move_all(orders, OrderState.CANCELLED, by=by, at=at, reason=reason)
        claims = claims_of([order.id for order in orders])
        OrderClaim.objects.filter(order__batch=batch).update(is_live=False)
        claim_services.unschedule_claims(claims, by=by, at=at, reason=reason)
        _netting.give_back(orders, by=by, at=at, reason=reason)
        audit.record(
            by=by,
            at=at,
            action="payments.batch.cancelled",
            subject=batch,
            before={"state": before},
            after={**described(batch), "reason": reason},
        )
    return batch


def locked(batch_id: UUID) -> PaymentBatch:
    """Lock a batch for the rest of the transaction, and return it as it is now."""
    return PaymentBatch.objects.select_for_update(of=("self",)).get(id=batch_id)


def claims_of(order_ids: Sequence[UUID]) -> list[Claim]:
    """The claims that live orders pay, in key order."""
    return list(
        Claim.objects.filter(orders__order_id__in=order_ids, orders__is_live=True).order_by("id")
    )


def check_unchanged(batch: PaymentBatch, orders: Sequence[PaymentOrder]) -> None:
    """Raise BatchChanged unless the orders are those that were frozen."""
    rows = OrderClaim.objects.filter(order__batch=batch)
    if _content_hash(batch.number, batch.execution_date, orders, rows) != batch.content_hash:
        raise BatchChanged(number=batch.number)


def _check_no_editor(by: Any, paid_on: set[tuple[rules.Payee, str]]) -> None:
    """Raise PayeeEditor when `by` changed one of these accounts."""
    if edited := accounts_changed_by(by) & paid_on:
        raise PayeeEditor(count=len(edited))


def check_uncontested(orders: Sequence[PaymentOrder]) -> None:
    """Raise AccountsContested when a change of account of one of the payees is contested."""
    states = open_changes_of(map(selectors.payee_of_order, orders)).values()
    if contested := sum(state == ChangeState.CONTESTED for state in states):
        raise AccountsContested(count=contested)


def described(batch: PaymentBatch) -> dict[str, Any]:
    """What the audit keeps of a batch: no name, no account."""
    return {
        "number": batch.number,
        "state": batch.state,
        "orders": batch.order_count,
        "control_sum_centimes": batch.control_sum_centimes,
        "content_hash": batch.content_hash,
    }
