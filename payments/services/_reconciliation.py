"""The end of a batch: bank, ledger and orders say the same."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from core import audit
from core.audit import Actor
from core.errors import DomainError
from core.money import display_dirhams
from core.transitions import move
from payments.models import PaymentBatch
from payments.permissions import check_can_pay
from payments.selectors.reconciliation import Reconciled, reconciliation_of
from payments.services._batches import locked
from payments.states import BatchState


class BatchNotReconciled(DomainError):
    """The three books differ; the sentence names each difference."""

    code = "BATCH_NOT_RECONCILED"
    message = _(
        "Le bordereau %(number)s ne peut pas être rapproché : %(differences)s. Rien n’a été modifié ; "
        "lisez les avis d’écriture (camt.054) qui manquent, ou demandez à la banque."
    )


def _told(rows: Sequence[Reconciled]) -> str:
    return ", ".join(f"{row.label} {display_dirhams(row.difference_centimes)}" for row in rows)


# Said in the language the refusal is read in.
_in_words = lazy(_told, str)


def reconcile_batch(*, batch: PaymentBatch, by: Actor, at: datetime) -> PaymentBatch:
    """Close a settled batch whose orders, ledger and bank bookings agree to the centime.

    Raises NotAPaymentOfficer, BatchNotReconciled, TransitionRefused (a transfer is not answered yet).
    """
    check_can_pay(by)
    with transaction.atomic():
        batch = locked(batch.id)
        before = batch.state
        move(batch, BatchState.RECONCILED, by=by, at=at)
        rows = reconciliation_of(batch)
        differing = [row for row in rows if row.difference_centimes]
        if differing:
            raise BatchNotReconciled(number=batch.number, differences=_in_words(differing))
        audit.record(
            by=by,
            at=at,
            action="payments.batch.reconciled",
            subject=batch,
            before={"state": before},
            after={"state": batch.state, "left_the_account_centimes": rows[0].bank_centimes},
        )
    return batch
