"""Returned transfers: a file to repair each, which closes with the transfer that pays instead."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit
from core.audit import Actor
from core.errors import DomainError
from core.transitions import born, move, move_all
from payments.gateways.return_reasons import Ball, code_in, reason_of
from payments.models import OrderClaim, PaymentOrder, PaymentRepair
from payments.permissions import check_can_pay
from payments.selectors.repairs import UNREPAIRED
from payments.states import OrderState, RepairState


class RepairReasonMissing(DomainError):
    """What is decided of a returned transfer is said why; the trail keeps it."""

    code = "REPAIR_REASON_MISSING"
    status = 422
    message = _("Dites pourquoi ces virements sont repris ainsi. Rien n’a été modifié.")


class NoRepairChosen(DomainError):
    """A bulk gesture on nothing."""

    code = "NO_REPAIR_CHOSEN"
    status = 422
    message = _("Choisissez au moins un virement à réparer. Rien n’a été modifié.")


def open_repairs(orders: Sequence[PaymentOrder], *, reason: str, by: Actor, at: datetime) -> None:
    """Open a file to repair for each returned order; the bank's code says who has the ball."""
    code = code_in(reason)
    repairs = [
        PaymentRepair(order=order, state=RepairState.OPEN, code=code, opened_at=at, since=at)
        for order in orders
    ]
    PaymentRepair.objects.bulk_create(repairs)
    for repair in repairs:
        born(repair, by=by, at=at)
    if reason_of(code).ball is Ball.PAYEE:
        move_all(repairs, RepairState.WAITING_PAYEE, by=by, at=at, reason=reason)


def close_repairs(answered: Sequence[PaymentOrder], *, by: Actor, at: datetime) -> None:
    """Close the files whose claims these orders, just answered, were the last to pay again.

    *Repaired* when they are paid; *replaced* when one came back, which has a file of its own.
    """
    keys = [order.id for order in answered]
    claims = OrderClaim.objects.filter(order_id__in=keys).values("claim_id")
    repairs = (
        PaymentRepair.objects.filter(state__in=UNREPAIRED, order__claims__claim_id__in=claims)
        .exclude(order_id__in=keys)
        .order_by("id")
        .distinct()
    )
    for repair in repairs:
        later = list(_later_orders(repair))
        if all(order and order.state in (OrderState.PAID, OrderState.RETURNED) for order in later):
            came_back = any(order.state == OrderState.RETURNED for order in later)
            end = RepairState.REPLACED if came_back else RepairState.REPAIRED
            move(repair, end, by=by, at=at, since=at, next_order=later[-1])


def _later_orders(repair: PaymentRepair) -> Iterable[PaymentOrder | None]:
    """For each claim of a returned order, the last order that carried it since, oldest first."""
    claims = OrderClaim.objects.filter(order_id=repair.order_id).values("claim_id")
    rows = OrderClaim.objects.filter(claim_id__in=claims).select_related("order").order_by("id")
    last = {row.claim_id: row.order for row in rows}
    return sorted(
        (None if order.id == repair.order_id else order for order in last.values()),
        key=lambda order: "" if order is None else order.reference,
    )


def retry_same_account(
    *, repairs: Sequence[PaymentRepair], by: Actor, at: datetime, reason: str
) -> None:
    """Let the next batch pay the same accounts again: the bank's error was of the moment.

    All or nothing. Raises NotAPaymentOfficer, NoRepairChosen, RepairReasonMissing, TransitionRefused.
    """
    _decide(repairs, RepairState.RETRYING, "payments.repair.retried", by=by, at=at, reason=reason)


def wait_for_payee(
    *, repairs: Sequence[PaymentRepair], by: Actor, at: datetime, reason: str
) -> None:
    """Ask the payees for another account: nothing is paid to the present one again.

    All or nothing. Raises NotAPaymentOfficer, NoRepairChosen, RepairReasonMissing, TransitionRefused.
    """
    _decide(
        repairs,
        RepairState.WAITING_PAYEE,
        "payments.repair.handed_over",
        by=by,
        at=at,
        reason=reason,
    )


def _decide(
    repairs: Sequence[PaymentRepair],
    state: RepairState,
    action: str,
    *,
    by: Actor,
    at: datetime,
    reason: str,
) -> None:
    check_can_pay(by)
    if not repairs:
        raise NoRepairChosen
    if not reason.strip():
        raise RepairReasonMissing(pointer="/reason")
    with transaction.atomic():
        before = {repair.pk: repair.state for repair in repairs}
        move_all(repairs, state, by=by, at=at, reason=reason.strip(), since=at)
        for repair in repairs:
            audit.record(
                by=by,
                at=at,
                action=action,
                subject=repair,
                insured_id=repair.order.insured_id,
                before={"state": before[repair.pk]},
                after={"state": state, "reason": reason.strip()},
            )
