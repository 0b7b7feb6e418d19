"""What a bank's file says of our transfers, once it is checked against what was sent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from core.money import display_dirhams
from payments.gateways import Answer, Notification, OrderAnswer, Outcome
from payments.models import PaymentBatch, PaymentOrder
from payments.rules import Source, Word
from payments.states import BatchState, OrderState

AT_THE_BANK = (
    BatchState.EXPORTED,
    BatchState.SETTLED,
    BatchState.PARTLY_SETTLED,
    BatchState.RECONCILED,
)


class BatchUnknown(DomainError):
    """The answer is about a file that never left from here."""

    code = "BATCH_UNKNOWN"
    status = 422
    message = _(
        "Cette réponse parle du fichier %(number)s, qui n’a pas été transmis à la banque. "
        "Rien n’a été modifié."
    )


class OrderUnknown(DomainError):
    """The bank names a transfer that was not sent, or not with the batch the file speaks of."""

    code = "ORDER_UNKNOWN"
    status = 422
    message = _(
        "La banque parle du virement %(reference)s : il n’a pas été transmis, ou pas dans le bordereau "
        "dont parle ce fichier. Rien n’a été modifié ; demandez à la banque."
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


class AnswerOfAnotherAccount(DomainError):
    """The notification is about an account that is not the fund's paying account."""

    code = "ANSWER_OF_ANOTHER_ACCOUNT"
    status = 422
    message = _(
        "Cet avis porte sur un compte qui n’est pas le compte payeur de la caisse. "
        "Rien n’a été modifié ; vérifiez le fichier avec la banque."
    )


@dataclass(frozen=True, slots=True)
class Said:
    """What a file says of one of our transfers."""

    order: PaymentOrder
    word: Word
    reason: str


def understood(answer: Answer | Notification) -> tuple[list[PaymentBatch], list[Said]]:
    """Lock the batches that a file speaks of; return them, and what is said of their orders."""
    if isinstance(answer, Notification):
        return _of_notification(answer)
    batches = _locked([answer.message_id])
    if not batches:
        raise BatchUnknown(number=answer.message_id)
    _check_sums(batches[0], answer)
    return batches, _of_report(answer, _orders_of(batches))


def _locked(numbers: Iterable[str]) -> list[PaymentBatch]:
    """Lock batches that went to the bank, in key order."""
    return list(
        PaymentBatch.objects.select_for_update(of=("self",))
        .filter(number__in=numbers, state__in=AT_THE_BANK)
        .order_by("id")
    )


def _orders_of(batches: Sequence[PaymentBatch]) -> dict[str, PaymentOrder]:
    sent = PaymentOrder.objects.filter(batch__in=batches).exclude(state=OrderState.COMPENSATED)
    return {order.reference: order for order in sent.select_related("batch").order_by("id")}


def _of_notification(notice: Notification) -> tuple[list[PaymentBatch], list[Said]]:
    """What a notification says, of as many batches as it likes; every line must be one of ours."""
    if notice.account != settings.FUND_RIB:
        raise AnswerOfAnotherAccount
    references = {line.reference for line in notice.lines}
    numbers = PaymentBatch.objects.filter(orders__reference__in=references).values("number")
    batches = _locked(numbers)
    orders = _orders_of(batches)
    said: dict[tuple[str, Outcome], Said] = {}
    # Debits before credits: the file may list them in any order.
    for line in sorted(notice.lines, key=lambda line: line.outcome):
        order = _order(orders, line.reference, line.amount_centimes)
        each = Said(order, Word(Source.NOTICE, line.outcome), line.reason)
        if said.setdefault((line.reference, line.outcome), each) is not each:
            # Debited or credited twice in one file: not a repetition, the bank moved money twice.
            raise AnswerContradicts(reference=line.reference)
    return batches, list(said.values())


def _order(
    orders: dict[str, PaymentOrder], reference: str, amount_centimes: int | None
) -> PaymentOrder:
    """Return the order a file names. Raises OrderUnknown, or AnswerSumDiffers for another amount."""
    order = orders.get(reference)
    if order is None:
        raise OrderUnknown(reference=reference)
    if amount_centimes not in (None, order.amount_centimes):
        raise AnswerSumDiffers(
            what=reference,
            found=display_dirhams(amount_centimes or 0),
            sent=display_dirhams(order.amount_centimes),
        )
    return order


def _of_report(answer: Answer, orders: dict[str, PaymentOrder]) -> list[Said]:
    """What a status report says of each order, the file's own status for those it does not list."""
    said_of: dict[str, OrderAnswer] = {}
    for said in answer.orders:
        _order(orders, said.reference, said.amount_centimes)
        if said_of.setdefault(said.reference, said).outcome is not said.outcome:
            raise AnswerContradicts(reference=said.reference)
    for reference in orders:
        said_of.setdefault(reference, OrderAnswer(reference, answer.default, answer.default_reason))
    return [
        Said(orders[said.reference], Word(Source.REPORT, said.outcome), said.reason)
        for said in said_of.values()
        if said.outcome is not None
    ]


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
