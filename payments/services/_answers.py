"""The bank's answer: each transfer paid or returned once, however often the file is read."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import groupby

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from claims import services as claim_services
from claims.models import Claim
from core import audit
from core.audit import Actor, actor_id
from core.crashpoints import crashpoint
from core.errors import DomainError
from core.money import display_dirhams
from core.transitions import move, move_all
from payments.gateways import Answer, OrderAnswer, Outcome, iso20022
from payments.models import BankAnswer, OrderClaim, PaymentBatch, PaymentOrder, Posting
from payments.permissions import check_can_pay
from payments.services._batches import claims_of
from payments.services._posting import post_orders
from payments.states import BatchState, OrderState

ANSWERED = {OrderState.PAID: Outcome.PAID, OrderState.RETURNED: Outcome.RETURNED}
AT_THE_BANK = (BatchState.EXPORTED, BatchState.SETTLED, BatchState.PARTLY_SETTLED)


class BatchUnknown(DomainError):
    """The answer is about a file that never left from here."""

    code = "BATCH_UNKNOWN"
    status = 422
    message = _(
        "Cette réponse parle du fichier %(number)s, qui n’a pas été transmis à la banque. "
        "Rien n’a été modifié."
    )


class OrderUnknown(DomainError):
    """The answer names a transfer that this batch does not have."""

    code = "ORDER_UNKNOWN"
    status = 422
    message = _(
        "Le virement %(reference)s n’est pas du bordereau %(number)s. Rien n’a été modifié."
    )


class AnswerSumDiffers(DomainError):
    """Count, control sum or an amount is not what was sent."""

    code = "ANSWER_SUM_DIFFERS"
    status = 422
    message = _(
        "La réponse donne %(found)s pour %(what)s, il a été transmis %(sent)s. Rien n’a été modifié."
    )


class AnswerContradicts(DomainError):
    """The answer says the contrary of itself, or of an answer read before."""

    code = "ANSWER_CONTRADICTS"
    message = _(
        "La réponse contredit ce qui est connu du virement %(reference)s. "
        "Rien n’a été modifié ; demandez à la banque."
    )


class AnswerOfAnotherBatch(DomainError):
    """The file was given on the page of one batch and speaks of another."""

    code = "ANSWER_OF_ANOTHER_BATCH"
    status = 422
    message = _(
        "Cette réponse parle du bordereau %(number)s, pas de celui-ci. Rien n’a été modifié ; "
        "lisez-la sur la page du bordereau %(number)s."
    )


def read_bank_answer(
    *, content: bytes, by: Actor, at: datetime, batch_number: str | None = None
) -> BankAnswer:
    """Apply a bank's answer file: orders and claims paid or returned, postings, batch settled.

    The same bytes give the stored answer again and change nothing; other bytes that repeat what is
    known are kept and change nothing. `batch_number`: the batch a person believes the file speaks of.
    All or nothing. Raises AnswerOfAnotherBatch, NotAPaymentOfficer, BankAnswerTooLarge,
    BankAnswerUnreadable, BatchUnknown, OrderUnknown, AnswerSumDiffers, AnswerContradicts.
    """
    check_can_pay(by)
    file_hash = sha256(content).hexdigest()
    answer = iso20022.read(content)
    if batch_number not in (None, answer.message_id):
        raise AnswerOfAnotherBatch(number=answer.message_id)
    with transaction.atomic():
        batch = (
            PaymentBatch.objects.select_for_update(of=("self",))
            .filter(number=answer.message_id, state__in=AT_THE_BANK)
            .first()
        )
        if batch is None:
            raise BatchUnknown(number=answer.message_id)
        known = BankAnswer.objects.filter(file_hash=file_hash).first()
        if known is not None:
            return known
        before = batch.state
        sent = batch.orders.exclude(state=OrderState.COMPENSATED).order_by("id")
        orders = {order.reference: order for order in sent}
        _check_sums(batch, answer)
        news = _news(batch, orders, answer)
        paid = [orders[said.reference] for said in news if said.outcome is Outcome.PAID]
        _settle(paid, by=by, at=at)
        crashpoint("answer.after_paid")
        back = [said for said in news if said.outcome is Outcome.RETURNED]
        _return(back, orders, by=by, at=at)
        crashpoint("answer.after_returned")
        _close(batch, orders.values(), by=by, at=at)
        stored = BankAnswer.objects.create(
            batch=batch,
            file_hash=file_hash,
            content=content,
            received_at=at,
            received_by=actor_id(by),
            paid_count=len(paid),
            returned_count=len(back),
        )
        audit.record(
            by=by,
            at=at,
            action="payments.answer.read",
            subject=batch,
            before={"state": before},
            after={
                "state": batch.state,
                "file_hash": file_hash,
                "paid": len(paid),
                "returned": len(back),
            },
        )
    return stored


def _check_sums(batch: PaymentBatch, answer: Answer) -> None:
    """Raise AnswerSumDiffers when the answer repeats another count or control sum than was sent."""
    if answer.order_count not in (None, batch.order_count):
        raise AnswerSumDiffers(what="NbOfTxs", found=answer.order_count, sent=batch.order_count)
    if answer.control_sum_centimes not in (None, batch.control_sum_centimes):
        raise AnswerSumDiffers(
            what="CtrlSum",
            found=display_dirhams(answer.control_sum_centimes or 0),
            sent=display_dirhams(batch.control_sum_centimes),
        )


def _news(
    batch: PaymentBatch, orders: dict[str, PaymentOrder], answer: Answer
) -> list[OrderAnswer]:
    """What the answer says that was not known: final outcomes of orders not answered yet.

    Raises OrderUnknown, AnswerSumDiffers, AnswerContradicts.
    """
    said_of: dict[str, OrderAnswer] = {}
    for said in answer.orders:
        order = orders.get(said.reference)
        if order is None:
            raise OrderUnknown(reference=said.reference, number=batch.number)
        if said.amount_centimes not in (None, order.amount_centimes):
            raise AnswerSumDiffers(
                what=said.reference,
                found=display_dirhams(said.amount_centimes or 0),
                sent=display_dirhams(order.amount_centimes),
            )
        earlier = said_of.setdefault(said.reference, said)
        if earlier.outcome is not said.outcome:
            raise AnswerContradicts(reference=said.reference)
    for reference in orders:
        said_of.setdefault(reference, OrderAnswer(reference, answer.default, answer.default_reason))
    return [said for said in said_of.values() if _is_new(orders[said.reference], said)]


def _is_new(order: PaymentOrder, said: OrderAnswer) -> bool:
    """Tell whether the answer settles this order; raise AnswerContradicts against what is known."""
    known = ANSWERED.get(OrderState(order.state))
    if known is not None and said.outcome not in (None, known):
        raise AnswerContradicts(reference=order.reference)
    return known is None and said.outcome is not None


def _settle(orders: Sequence[PaymentOrder], *, by: Actor, at: datetime) -> None:
    """The bank executed these transfers: orders and claims are paid."""
    move_all(orders, OrderState.PAID, by=by, at=at, answered_at=at)
    post_orders(Posting.Kind.PAID, orders, at=at)
    claim_services.settle_claims(claims_of([order.id for order in orders]), by=by, at=at)


def _return(
    said: Iterable[OrderAnswer], orders: dict[str, PaymentOrder], *, by: Actor, at: datetime
) -> None:
    """The bank returned these transfers: what they paid is owed again, and waits for a new account."""
    by_reason = sorted(said, key=lambda answer: (answer.reason, answer.reference))
    for reason, group in groupby(by_reason, key=lambda answer: answer.reason):
        returned = [orders[answer.reference] for answer in group]
        keys = [order.id for order in returned]
        move_all(
            returned,
            OrderState.RETURNED,
            by=by,
            at=at,
            reason=reason,
            answered_at=at,
            return_reason=reason,
        )
        post_orders(Posting.Kind.RETURNED, returned, at=at)
        rows = OrderClaim.objects.filter(order_id__in=keys)
        # A claim kept whole for a debt asked nothing of the bank: it is paid, whatever came back.
        rows.filter(recovered_centimes__lt=F("amount_centimes")).update(is_live=False)
        claim_services.settle_claims(claims_of(keys), by=by, at=at)
        failed = Claim.objects.filter(orders__order_id__in=keys, orders__is_live=False).order_by(
            "id"
        )
        claim_services.fail_claims(list(failed), by=by, at=at, reason=reason)


def _close(batch: PaymentBatch, orders: Iterable[PaymentOrder], *, by: Actor, at: datetime) -> None:
    """Settle the batch once every order is answered."""
    states = {order.state for order in orders}
    if batch.state != BatchState.EXPORTED or not states <= set(ANSWERED):
        return
    settled = BatchState.PARTLY_SETTLED if OrderState.RETURNED in states else BatchState.SETTLED
    move(batch, settled, by=by, at=at)
