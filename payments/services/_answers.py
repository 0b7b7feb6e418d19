"""The bank's answer: each transfer paid or returned once, however often files say it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.db.models import F

from claims import services as claim_services
from claims.models import Claim
from claims.states import ClaimState
from core import audit
from core.audit import Actor, actor_id
from core.crashpoints import crashpoint
from core.transitions import move, move_all
from payments import rules
from payments.gateways import Notification, Outcome, iso20022
from payments.models import BankAnswer, BankLine, OrderClaim, PaymentBatch, PaymentOrder, Posting
from payments.rules import Source, Word
from payments.services._batches import claims_of
from payments.services._channel import check_channel
from payments.services._netting import take_returns
from payments.services._posting import post_orders
from payments.services._repairs import close_repairs, open_repairs
from payments.services._understanding import (
    AnswerContradicts,
    AnswerOfAnotherBatch,
    Said,
    understood,
)
from payments.states import BATCH_MACHINE, BatchState, OrderState

ANSWERED = {OrderState.PAID: Outcome.PAID, OrderState.RETURNED: Outcome.RETURNED}


def read_bank_answer(
    *,
    content: bytes,
    by: Actor,
    at: datetime,
    signature: str = "",
    batch_number: str | None = None,
) -> BankAnswer:
    """Apply a bank's file: orders and claims paid or returned, postings, batches settled, repairs.

    `signature` is the detached JWS of the bank over `content`. The same bytes give the stored answer
    again and change nothing; other bytes that repeat what is known are kept and change nothing.
    `batch_number`: a batch that a person believes the file speaks of. All or nothing. Raises
    NotAPaymentOfficer, AnswerNotFromBank, BankKeyMissing, BankAnswerTooLarge, BankAnswerUnreadable,
    BankTotalsDiffer, AnswerOfAnotherBatch, AnswerOfAnotherAccount, BatchUnknown, OrderUnknown,
    AnswerSumDiffers, AnswerContradicts.
    """
    signed_by = check_channel(content, signature, by=by)
    file_hash = sha256(content).hexdigest()
    answer = iso20022.read(content)
    with transaction.atomic():
        batches, said = understood(answer)
        numbers = [batch.number for batch in batches]
        if batch_number is not None and batch_number not in numbers:
            raise AnswerOfAnotherBatch(number=", ".join(numbers))
        known = BankAnswer.objects.filter(file_hash=file_hash).first()
        if known is not None:
            return known
        news, effects = _news(said)
        paid = [each.order for each, outcomes in effects if Outcome.PAID in outcomes]
        _settle(paid, by=by, at=at)
        crashpoint("answer.after_paid")
        back = [each for each, outcomes in effects if Outcome.RETURNED in outcomes]
        _return(back, by=by, at=at)
        crashpoint("answer.after_returned")
        close_repairs([*paid, *(each.order for each in back)], by=by, at=at)
        stored = BankAnswer.objects.create(
            message="camt.054" if isinstance(answer, Notification) else "pain.002",
            file_hash=file_hash,
            content=content,
            signature=signature.strip(),
            signed_by=signed_by,
            received_at=at,
            received_by=actor_id(by),
            paid_count=len(paid),
            returned_count=len(back),
        )
        stored.batches.set(batches)
        BankLine.objects.bulk_create(
            BankLine(
                answer=stored,
                order=each.order,
                source=each.word.source,
                outcome=each.word.outcome,
                reason=each.reason,
            )
            for each in news
        )
        for batch in batches:
            _close(batch, stored, by=by, at=at)
    return stored


def _news(said: Sequence[Said]) -> tuple[list[Said], list[tuple[Said, list[Outcome]]]]:
    """What no file of its kind said before, and what follows from it for each order.

    Raises AnswerContradicts.
    """
    before = _heard([each.order.id for each in said])
    heard = {key: set(words) for key, words in before.items()}
    for each in said:
        heard.setdefault(each.order.id, set()).add(each.word)
    known = {each.order.id: ANSWERED.get(OrderState(each.order.state)) for each in said}
    news: list[Said] = []
    effects: dict[UUID, tuple[Said, list[Outcome]]] = {}
    for each in said:
        key = each.order.id
        # Both words of one file are known at once: a debit and its credit explain each other.
        others = before.get(key, set()) | (heard[key] - {each.word})
        try:
            outcomes = rules.consequences(known[key], others, each.word)
        except rules.Contradiction as error:
            raise AnswerContradicts(reference=each.order.reference) from error
        if each.word not in before.get(key, ()):
            news.append(each)
        if outcomes:
            known[key] = outcomes[-1]
            earlier = effects.get(key, (each, []))[1]
            effects[key] = (each, [*earlier, *outcomes])
    return news, list(effects.values())


def _heard(order_ids: Sequence[UUID]) -> dict[UUID, set[Word]]:
    """All that the bank said of orders before."""
    heard: dict[UUID, set[Word]] = {}
    lines = BankLine.objects.filter(order_id__in=order_ids)
    for key, source, outcome in lines.values_list("order_id", "source", "outcome"):
        heard.setdefault(key, set()).add(Word(Source(source), Outcome(outcome)))
    return heard


def _settle(orders: Sequence[PaymentOrder], *, by: Actor, at: datetime) -> None:
    """The bank executed these transfers: orders and claims are paid."""
    move_all(orders, OrderState.PAID, by=by, at=at, answered_at=at)
    post_orders(Posting.Kind.PAID, orders, at=at)
    claim_services.settle_claims(claims_of([order.id for order in orders]), by=by, at=at)


def _return(said: Iterable[Said], *, by: Actor, at: datetime) -> None:
    """The bank returned these transfers, some of them executed: what they paid is owed again."""

    def alike(each: Said) -> tuple[str, bool]:
        return each.reason, each.order.state == OrderState.PAID

    in_order = sorted(said, key=lambda each: (*alike(each), each.order.reference))
    for (reason, executed), group in groupby(in_order, key=alike):
        returned = [each.order for each in group]
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
        post_orders(Posting.Kind.RETURNED, returned, at=at, executed=executed)
        rows = OrderClaim.objects.filter(order_id__in=keys)
        # A claim kept whole for a debt asked nothing of the bank: it is paid, whatever came back.
        rows.filter(recovered_centimes__lt=F("amount_centimes")).update(is_live=False)
        if not executed:
            claim_services.settle_claims(claims_of(keys), by=by, at=at)
        # A claim reversed since it was paid stays reversed.
        failed = Claim.objects.filter(orders__order_id__in=keys, orders__is_live=False).exclude(
            state=ClaimState.REVERSED
        )
        claim_services.fail_claims(list(failed.order_by("id")), by=by, at=at, reason=reason)
        take_returns(returned, by=by, at=at)
        open_repairs(returned, reason=reason, by=by, at=at)


def _close(batch: PaymentBatch, answer: BankAnswer, *, by: Actor, at: datetime) -> None:
    """Settle the batch once every order is answered, and record that the file was read."""
    before = batch.state
    sent = PaymentOrder.objects.filter(batch=batch).exclude(state=OrderState.COMPENSATED)
    states = set(sent.values_list("state", flat=True))
    target = BatchState.PARTLY_SETTLED if OrderState.RETURNED in states else BatchState.SETTLED
    if states <= set(ANSWERED) and BATCH_MACHINE.allows(before, target):
        move(batch, target, by=by, at=at)
    audit.record(
        by=by,
        at=at,
        action="payments.answer.read",
        subject=batch,
        before={"state": before},
        after={
            "state": batch.state,
            "file_hash": answer.file_hash,
            "paid": answer.paid_count,
            "returned": answer.returned_count,
        },
    )
