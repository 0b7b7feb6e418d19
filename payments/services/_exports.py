"""A batch on its way to the bank: one file, written once, the same bytes each time."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from claims import services as claim_services
from core import audit
from core.audit import Actor
from core.crashpoints import crashpoint
from core.errors import DomainError
from core.numbers import is_rib
from core.transitions import move, move_all
from payments import selectors
from payments.gateways import Debtor, Transfer, TransferFile, iso20022
from payments.models import PaymentBatch, PaymentOrder, Posting
from payments.permissions import check_can_pay
from payments.services._batches import (
    check_unchanged,
    check_uncontested,
    claims_of,
    described,
    locked,
)
from payments.services._posting import post_orders
from payments.states import BatchState, OrderState


class FundAccountMissing(DomainError):
    """The paying account of the fund is not set, or is wrong."""

    code = "FUND_ACCOUNT_MISSING"
    status = 503
    message = _(
        "Le compte payeur (FUND_RIB, FUND_BIC) n’est pas réglé ou sa clé est fausse. Rien n’a été envoyé."
    )


class FileChanged(DomainError):
    """Exporting again would not give the same bytes."""

    code = "FILE_CHANGED"
    message = _(
        "Le fichier du bordereau %(number)s ne serait plus identique au premier envoi : "
        "les réglages du compte payeur ont changé. Rien n’a été envoyé."
    )


def export_batch(*, batch: PaymentBatch, by: Actor, at: datetime) -> bytes:
    """Return the bank file of an approved batch; its orders are then *sent* and posted.

    Exporting again gives the same bytes and changes nothing but the audit. Raises NotAPaymentOfficer,
    FundAccountMissing, BatchChanged, AccountsContested, FileChanged, TransitionRefused.
    """
    check_can_pay(by)
    with transaction.atomic():
        batch = locked(batch.id)
        orders = list(selectors.orders_of(batch))
        check_unchanged(batch, orders)
        first = batch.exported_at is None
        if first:
            check_uncontested(orders)
        content = iso20022.write(_transfer_file(batch, orders, created_at=batch.exported_at or at))
        file_hash = sha256(content).hexdigest()
        if first:
            crashpoint("export.after_file")
            _send(batch, orders, by=by, at=at, file_hash=file_hash)
            crashpoint("export.after_send")
        elif file_hash != batch.file_hash:
            raise FileChanged(number=batch.number)
        audit.record(
            by=by,
            at=at,
            action="payments.batch.exported" if first else "payments.batch.exported_again",
            subject=batch,
            after={**described(batch), "file_hash": file_hash},
        )
    return content


def _send(
    batch: PaymentBatch,
    orders: Sequence[PaymentOrder],
    *,
    by: Actor,
    at: datetime,
    file_hash: str,
) -> None:
    """Move a batch and its orders out, and post that the money is on its way.

    Orders whose dues are kept whole do not go to the bank: their claims are paid, by compensation.
    """
    move(batch, BatchState.EXPORTED, by=by, at=at, exported_at=at, file_hash=file_hash)
    transfers = [order for order in orders if order.amount_centimes]
    move_all(transfers, OrderState.SENT, by=by, at=at)
    post_orders(Posting.Kind.SENT, transfers, at=at)
    kept = [order for order in orders if not order.amount_centimes]
    move_all(kept, OrderState.COMPENSATED, by=by, at=at)
    claim_services.settle_claims(claims_of([order.id for order in kept]), by=by, at=at)


def _transfer_file(
    batch: PaymentBatch, orders: Sequence[PaymentOrder], *, created_at: datetime
) -> TransferFile:
    """What the bank is told of a batch."""
    if not is_rib(settings.FUND_RIB) or not settings.FUND_BIC:
        raise FundAccountMissing
    return TransferFile(
        message_id=batch.number,
        created_at=created_at,
        execution_date=batch.execution_date,
        debtor=Debtor(name=settings.FUND_NAME, rib=settings.FUND_RIB, bic=settings.FUND_BIC),
        transfers=tuple(
            Transfer(order.reference, order.holder, order.rib, order.amount_centimes)
            for order in orders
            if order.amount_centimes
        ),
    )
