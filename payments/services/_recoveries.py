"""Debts: the plan that takes them back, its pause when contested, and giving them up."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from claims.services import ReasonMissing
from core import audit
from core.errors import DomainError
from core.money import BASIS_POINTS
from core.transitions import TransitionRefused, move
from payments import rules, selectors
from payments.models import Posting, RecoveryPlan, UndueAmount
from payments.permissions import check_can_contest, check_can_give_up, check_can_pay
from payments.services._posting import Event, write
from payments.states import BatchState, UndueState

LIVING = (UndueState.OPEN, UndueState.IN_RECOVERY)


class PlanInvalid(DomainError):
    """A plan takes a share or a fixed sum, from a day on, and says what it rests on."""

    code = "PLAN_INVALID"
    status = 422
    message = _(
        "Ce plan n’est pas complet : une part (de 0,01 à 100 %%) ou une somme, un premier jour qui n’est "
        "pas passé, et l’accord ou la notification. Rien n’a été modifié."
    )


class NoPlanYet(DomainError):
    """Nothing is taken, so there is nothing to pause."""

    code = "NO_PLAN_YET"
    message = _("Aucun plan ne retient cette somme : il n’y a rien à suspendre ni à reprendre.")


class DebtInPayment(DomainError):
    """A batch that has not left takes a part of this debt."""

    code = "DEBT_IN_PAYMENT"
    message = _(
        "Le bordereau %(number)s retient une part de cet indu. Rien n’a été modifié : "
        "attendez qu’il parte, ou annulez-le."
    )


class NothingToConfirm(DomainError):
    """Nobody asked that this debt be given up."""

    code = "NOTHING_TO_CONFIRM"
    message = _("Personne n’a demandé l’abandon de cet indu. Rien n’a été modifié.")


def agree_plan(
    *,
    undue_id: UUID,
    first_date: date,
    agreement: str,
    by: Any,
    at: datetime,
    share_bp: int | None = None,
    fixed_centimes: int | None = None,
) -> RecoveryPlan:
    """Set how a debt is taken back, or change it; the history keeps what was agreed before.

    `share_bp` of what each batch owes the payee, or `fixed_centimes` a batch; the law's limit a batch
    holds in any case. A contested plan stays paused. The same plan again changes nothing. Raises
    NotAPaymentOfficer, PlanInvalid, TransitionRefused.
    """
    check_can_pay(by)
    terms = {
        "share_bp": share_bp,
        "fixed_centimes": fixed_centimes,
        "first_date": first_date,
        "agreement": agreement.strip(),
    }
    with transaction.atomic():
        undue = _locked(undue_id)
        plan = RecoveryPlan.objects.filter(undue=undue).first()
        if plan and all(getattr(plan, name) == value for name, value in terms.items()):
            return plan
        _check_terms(terms, today=selectors.local_day(at))
        _check_living(undue)
        before = _terms_of(plan)
        plan = plan or RecoveryPlan(undue=undue)
        for name, value in {**terms, "agreed_by": by, "agreed_at": at}.items():
            setattr(plan, name, value)
        plan.save()
        if undue.state == UndueState.OPEN:
            move(undue, UndueState.IN_RECOVERY, by=by, at=at, reason=plan.agreement)
        _record("planned", undue, by=by, at=at, before=before, after=_terms_of(plan))
    return plan


def contest_recovery(*, undue_id: UUID, reason: str, by: Any, at: datetime) -> RecoveryPlan:
    """Pause a plan because the payee contests the debt: nothing is taken until an officer resumes.

    By the payee, or by an officer who was told. Contesting again changes nothing. Raises NotYourDebt,
    ReasonMissing, NoPlanYet, TransitionRefused.
    """
    _check_reason(reason)
    with transaction.atomic():
        undue = _locked(undue_id)
        check_can_contest(by, undue, at=at)
        plan = _plan_of(undue)
        if not plan.is_contested:
            _check_living(undue)
            _pause(plan, undue, because=reason.strip(), deed="contested", by=by, at=at)
    return plan


def resume_recovery(*, undue_id: UUID, reason: str, by: Any, at: datetime) -> RecoveryPlan:
    """Answer a contest against the payee: the plan goes on. Resuming again changes nothing.

    Raises NotAPaymentOfficer, ReasonMissing, NoPlanYet.
    """
    check_can_pay(by)
    _check_reason(reason)
    with transaction.atomic():
        undue = _locked(undue_id)
        plan = _plan_of(undue)
        if plan.is_contested:
            _pause(plan, undue, because="", deed="resumed", by=by, at=at, reason=reason.strip())
    return plan


def ask_giving_up(*, undue_id: UUID, reason: str, by: Any, at: datetime) -> UndueAmount:
    """Ask that what is left of a debt be given up; a second person confirms.

    The same person asking again changes nothing. Raises NotAPaymentOfficer, ReasonMissing,
    TransitionRefused.
    """
    check_can_pay(by)
    _check_reason(reason)
    with transaction.atomic():
        undue = _locked(undue_id)
        _check_living(undue)
        if undue.cancel_asked_by_id == by.pk and undue.cancel_reason == reason.strip():
            return undue
        undue.cancel_asked_by, undue.cancel_asked_at = by, at
        undue.cancel_reason = reason.strip()
        undue.save(update_fields=["cancel_asked_by", "cancel_asked_at", "cancel_reason"])
        _record("giving_up_asked", undue, by=by, at=at, after={"reason": undue.cancel_reason})
    return undue


def confirm_giving_up(*, undue_id: UUID, by: Any, at: datetime) -> UndueAmount:
    """Give up what is left of a debt: it stays a benefit paid. Confirming again changes nothing.

    Raises NotAPaymentOfficer, DebtFourEyes, NothingToConfirm, DebtInPayment, TransitionRefused.
    """
    check_can_pay(by)
    with transaction.atomic():
        undue = _locked(undue_id)
        if undue.state == UndueState.CANCELLED and undue.cancelled_by_id == by.pk:
            return undue
        _check_living(undue)
        if undue.cancel_asked_by_id is None:
            raise NothingToConfirm
        check_can_give_up(by, undue)
        _check_not_in_payment(undue)
        left = undue.left_centimes
        move(
            undue,
            UndueState.CANCELLED,
            by=by,
            at=at,
            reason=undue.cancel_reason,
            cancelled_by=by,
        )
        waived = Event(
            Posting.Kind.WAIVED,
            undue.id,
            rules.waiver(left),
            payee_id=undue.payee.id,
            claim_id=undue.claim_id,
            insured_id=undue.claim.insured_id,
        )
        write([waived], at=at)
        _record("given_up", undue, by=by, at=at, after={"left_centimes": left})
    return undue


def _locked(undue_id: UUID) -> UndueAmount:
    return UndueAmount.objects.select_for_update(of=("self",)).get(id=undue_id)


def _plan_of(undue: UndueAmount) -> RecoveryPlan:
    plan = RecoveryPlan.objects.filter(undue=undue).first()
    if plan is None:
        raise NoPlanYet
    return plan


def _check_living(undue: UndueAmount) -> None:
    if undue.state not in LIVING:
        raise TransitionRefused(state=undue.get_state_display())


def _check_not_in_payment(undue: UndueAmount) -> None:
    waiting = undue.recoveries.filter(
        is_live=True,
        order_claim__order__batch__state__in=[BatchState.FROZEN, BatchState.APPROVED],
    ).select_related("order_claim__order__batch")
    if found := waiting.first():
        raise DebtInPayment(number=found.order_claim.order.batch.number)


def _check_terms(terms: dict[str, Any], *, today: date) -> None:
    share, fixed = terms["share_bp"], terms["fixed_centimes"]
    one_way = (share is None) != (fixed is None)
    in_bounds = fixed > 0 if share is None and fixed else 0 < (share or 0) <= BASIS_POINTS
    if not (one_way and in_bounds and terms["first_date"] >= today and terms["agreement"]):
        raise PlanInvalid


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing(pointer="/reason")


def _pause(
    plan: RecoveryPlan,
    undue: UndueAmount,
    *,
    because: str,
    deed: str,
    by: Any,
    at: datetime,
    reason: str = "",
) -> None:
    """Pause a plan, or let it go on when `because` is empty."""
    plan.is_contested, plan.paused_because = bool(because), because
    plan.save()
    _record(deed, undue, by=by, at=at, after={"reason": because or reason})


def _terms_of(plan: RecoveryPlan | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    return {
        "share_bp": plan.share_bp,
        "fixed_centimes": plan.fixed_centimes,
        "first_date": plan.first_date.isoformat(),
        "agreement": plan.agreement,
    }


def _record(
    deed: str,
    undue: UndueAmount,
    *,
    by: Any,
    at: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    audit.record(
        by=by,
        at=at,
        action=f"payments.debt.{deed}",
        subject=undue,
        insured_id=undue.insured_id,
        before=before,
        after=after,
    )
