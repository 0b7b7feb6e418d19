"""Who may prepare, approve and read payments."""

from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from core.audit import Actor
from core.errors import DomainError
from insured.models import Insured
from payments.models import PaymentBatch, Reversal, UndueAmount
from payments.rules import Payee, PayeeKind
from providers.models import Membership

# Who opens accounts does not pay: an administrator who could would need nobody else to take money out.
PAYING_ROLES = frozenset({Role.PAYMENT_OFFICER})
# They read every order; the others read their own.
WATCHING_ROLES = PAYING_ROLES | {Role.AUDITOR}
# Who knows the care takes claims back; who pays only sees it.
REVERSING_ROLES = frozenset({Role.AGENT, Role.MEDICAL_OFFICER, Role.FRAUD_OFFICER})
REVERSAL_READERS = REVERSING_ROLES | WATCHING_ROLES
# They change the account of a payee who comes to an office; payment officers do not, whom they pay.
EDITING_ROLES = frozenset({Role.AGENT})


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


class NotAReversingAgent(DomainError):
    """Claims are taken back by the agents who judge and control them."""

    code = "NOT_A_REVERSING_AGENT"
    status = 403
    message = _("Votre rôle ne permet pas d’extourner une demande. Rien n’a été modifié.")


class ReversalFourEyes(DomainError):
    """The person who asked for a reversal never decides it."""

    code = "REVERSAL_FOUR_EYES"
    status = 403
    message = _(
        "Vous avez demandé cette extourne : une autre personne doit la décider. Rien n’a été modifié."
    )


class DebtFourEyes(DomainError):
    """The person who asked that a debt be given up never confirms it."""

    code = "DEBT_FOUR_EYES"
    status = 403
    message = _(
        "Vous avez demandé l’abandon de cet indu : une autre personne doit le confirmer. "
        "Rien n’a été modifié."
    )


class NotYourDebt(DomainError):
    """Only who owes it, or an officer for them, contests a debt."""

    code = "NOT_YOUR_DEBT"
    status = 404
    message = _("Cette somme n’existe pas, ou ne vous concerne pas. Rien n’a été modifié.")


def can_reverse(viewer: Any) -> bool:
    """Tell whether a person asks for reversals and decides those of others."""
    return getattr(viewer, "role", None) in REVERSING_ROLES and viewer.is_active


def can_confirm_reversal(viewer: Any, reversal: Reversal) -> bool:
    """Tell whether a person may decide this reversal: an agent who did not ask for it."""
    return can_reverse(viewer) and reversal.requested_by_id != viewer.pk


def can_give_up(viewer: Any, undue: UndueAmount) -> bool:
    """Tell whether a person may confirm that a debt is given up: an officer who did not ask."""
    return can_pay(viewer) and undue.cancel_asked_by_id not in (None, viewer.pk)


def owes(viewer: Any, undue: UndueAmount, *, at: datetime) -> bool:
    """Tell whether a debt is this person's: the insured's own, or a provider's for its signatory."""
    if undue.insured is not None:
        return undue.insured.user_id is not None and undue.insured.user_id == viewer.pk
    return Membership.objects.filter(
        user=viewer,
        provider_id=undue.provider_id,
        standing=Membership.Standing.SIGNATORY,
        period__contains=localdate(at),
    ).exists()


def check_can_reverse(by: Actor) -> None:
    """Raise NotAReversingAgent unless `by` is an agent who takes claims back."""
    if not can_reverse(by):
        raise NotAReversingAgent


def check_can_confirm_reversal(by: Actor, reversal: Reversal) -> None:
    """Raise NotAReversingAgent or ReversalFourEyes unless `by` may decide this reversal."""
    check_can_reverse(by)
    if not can_confirm_reversal(by, reversal):
        raise ReversalFourEyes


def check_can_give_up(by: Actor, undue: UndueAmount) -> None:
    """Raise NotAPaymentOfficer or DebtFourEyes unless `by` may confirm giving this debt up."""
    check_can_pay(by)
    if not can_give_up(by, undue):
        raise DebtFourEyes


def check_can_contest(by: Any, undue: UndueAmount, *, at: datetime) -> None:
    """Raise NotYourDebt unless the debt is theirs, or they are an officer who was told."""
    if not can_pay(by) and not owes(by, undue, at=at):
        raise NotYourDebt


class NotYourAccount(DomainError):
    """The account is neither this person's, nor of a provider they sign for."""

    code = "NOT_YOUR_ACCOUNT"
    status = 403
    message = _(
        "Seuls le bénéficiaire, ou le titulaire du cabinet ou de l’officine, changent ce compte. "
        "Rien n’a été modifié."
    )


class NotAnAccountAgent(DomainError):
    """Deciding on a change of account is for agents only."""

    code = "NOT_AN_ACCOUNT_AGENT"
    status = 403
    message = _("Seul un agent de la CNSS prend cette décision. Rien n’a été modifié.")


def can_edit_accounts(viewer: Any) -> bool:
    """Tell whether a person asks for and decides changes of account in the name of payees."""
    return getattr(viewer, "role", None) in EDITING_ROLES and viewer.is_active


def speaks_for(viewer: Any, payee: Payee, *, day: date) -> bool:
    """Tell whether the account is this person's own, or of a provider they sign for on `day`."""
    role = getattr(viewer, "role", None)
    if payee.kind is PayeeKind.INSURED:
        return role == Role.INSURED and Insured.objects.filter(pk=payee.id, user=viewer).exists()
    return (
        getattr(viewer, "gives_care", False)
        and Membership.objects.filter(
            user=viewer,
            provider_id=payee.id,
            standing=Membership.Standing.SIGNATORY,
            period__contains=day,
        ).exists()
    )
