"""Who may prepare, approve and read payments."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from core.audit import Actor
from core.errors import DomainError
from payments.models import PaymentBatch

# Who opens accounts does not pay: an administrator who could would need nobody else to take money out.
PAYING_ROLES = frozenset({Role.PAYMENT_OFFICER})
# They read every order; the others read their own.
WATCHING_ROLES = PAYING_ROLES | {Role.AUDITOR}


class NotAPaymentOfficer(DomainError):
    """Payments are prepared, approved and sent by payment officers only."""

    code = "NOT_A_PAYMENT_OFFICER"
    status = 403
    message = _("Seul un agent payeur fait cette opération. Rien n’a été modifié.")


class FourEyes(DomainError):
    """The person who prepared a batch never approves it."""

    code = "FOUR_EYES"
    status = 403
    message = _(
        "Vous avez préparé le bordereau %(number)s : une autre personne doit l’approuver. "
        "Rien n’a été modifié."
    )


def can_pay(viewer: Any) -> bool:
    """Tell whether a person prepares, approves and sends payments."""
    return getattr(viewer, "role", None) in PAYING_ROLES and viewer.is_active


def can_watch_payments(viewer: Any) -> bool:
    """Tell whether a person reads all orders and batches."""
    return getattr(viewer, "role", None) in WATCHING_ROLES and viewer.is_active


def can_approve(viewer: Any, batch: PaymentBatch) -> bool:
    """Tell whether a person may approve this batch: a payment officer who did not prepare it."""
    return can_pay(viewer) and batch.prepared_by_id != viewer.pk


def check_can_pay(by: Actor) -> None:
    """Raise NotAPaymentOfficer unless `by` is a person who prepares and sends payments."""
    if not can_pay(by):
        raise NotAPaymentOfficer


def check_can_approve(by: Actor, batch: PaymentBatch) -> None:
    """Raise NotAPaymentOfficer or FourEyes unless `by` may approve this batch."""
    check_can_pay(by)
    if not can_approve(by, batch):
        raise FourEyes(number=batch.number)
