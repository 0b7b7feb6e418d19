"""Changing the account of a payee: asked, proved twice, told to the old contact, then a delay."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims.adjudication.legislation.loader import load_law
from core import audit
from core.audit import Actor, actor_id
from core.errors import DomainError
from core.sealed_fields import masked
from core.transitions import born, move, moves_of
from payments.models import AccountChange
from payments.permissions import NotAnAccountAgent, NotYourAccount, can_edit_accounts, speaks_for
from payments.rules import Payee, PayeeKind
from payments.selectors import local_day
from payments.selectors.accounts import account_on, changes_due, due_changes, open_change_of
from payments.services._account_notices import tell_contact
from payments.services._accounts import check_account, replace_account
from payments.states import ChangeState

CLOCK = "system:clock"
SECOND_AGENT = "second_agent"


@dataclass(frozen=True, slots=True)
class Proof:
    """A second factor that the person signed in has just given: its kind, and when."""

    factor: str
    at: datetime


class DocumentMissing(DomainError):
    """An agent names the paper that asks for the change."""

    code = "DOCUMENT_MISSING"
    status = 422
    message = _("Notez la référence de la pièce présentée. Rien n’a été enregistré.")


class AccountSame(DomainError):
    """The payee is already paid on that account."""

    code = "ACCOUNT_SAME"
    message = _("Ce compte est déjà celui du bénéficiaire. Rien n’a été enregistré.")


class ChangeOpen(DomainError):
    """One change at a time."""

    code = "ACCOUNT_CHANGE_OPEN"
    message = _(
        "Un autre changement de compte est déjà en cours pour ce bénéficiaire. Attendez qu’il finisse "
        "ou annulez-le ; rien n’a été enregistré."
    )


class SecondProofMissing(DomainError):
    """The same person gives a second factor, after asking and a few minutes ago at most."""

    code = "SECOND_PROOF_MISSING"
    status = 403
    message = _(
        "Confirmez avec votre second facteur. La demande est gardée ; le compte n’a pas changé."
    )


class SecondAgentNeeded(DomainError):
    """What one agent asked, another confirms; neither decides when it is contested."""

    code = "ACCOUNT_FOUR_EYES"
    status = 403
    message = _(
        "Vous avez déjà agi sur ce changement : un autre agent doit décider. Rien n’a été modifié."
    )


class ChangeExpired(DomainError):
    """Nobody confirmed in time."""

    code = "ACCOUNT_CHANGE_EXPIRED"
    message = _(
        "Cette demande n’a pas été confirmée à temps. Faites-en une autre ; le compte n’a pas changé."
    )


class ReasonMissing(DomainError):
    """A decision about somebody's account has a reason."""

    code = "REASON_MISSING"
    status = 422
    message = _("Écrivez le motif de votre décision. Rien n’a été modifié.")


def request_change(
    *,
    payee: Payee,
    rib: str,
    holder: str,
    by: User,
    at: datetime,
    document_reference: str = "",
) -> AccountChange:
    """Ask that a payee be paid on another account; nothing changes yet.

    The payee asks in person, or an agent does on sight of a paper. Asking the same again gives the
    same change. Raises NotYourAccount, DocumentMissing, RibWrong, HolderMissing, AccountSame, ChangeOpen.
    """
    day = local_day(at)
    document_reference = _check_asker(payee, by, day, document_reference.strip())
    rib, holder = check_account(rib, holder)
    present = account_on(payee, day)
    if present is not None and (present.rib, present.holder) == (rib, holder):
        raise AccountSame(pointer="/rib")
    try:
        with transaction.atomic():
            change = AccountChange.objects.create(
                **payee.scope,
                state=ChangeState.REQUESTED,
                rib=rib,
                holder=holder,
                document_reference=document_reference,
                asked_by=by,
                asked_at=at,
                expires_on=day + _days("account_change_confirm_days", day),
            )
            born(change, by=by, at=at)
            _record("requested", change, by=by, at=at)
    except IntegrityError:
        open_change = open_change_of(payee)
        asked = open_change and (open_change.rib, open_change.holder, open_change.asked_by_id)
        if open_change is None or asked != (rib, holder, by.pk):
            raise ChangeOpen from None
        return open_change
    return change


def _check_asker(payee: Payee, by: User, day: date, document_reference: str) -> str:
    """Return the paper's reference, empty for a person who asks for themselves."""
    if speaks_for(by, payee, day=day):
        return ""
    if not can_edit_accounts(by):
        raise NotYourAccount
    if not document_reference:
        raise DocumentMissing(pointer="/document_reference")
    return document_reference


def confirm_change(
    *, change: AccountChange, by: User, at: datetime, proof: Proof | None = None
) -> AccountChange:
    """Give the second proof: the old contact is told, and the cooling-off delay starts.

    Who asked for themselves gives a second factor; what an agent asked, a second agent confirms.
    Raises NotYourAccount, SecondProofMissing, NotAnAccountAgent, SecondAgentNeeded, ChangeExpired,
    TransitionRefused.
    """
    with transaction.atomic():
        change = _locked(change.id)
        if _did(change, ChangeState.COOLING, by):
            return change
        given = _check_second(change, by, at, proof)
        day = local_day(at)
        if change.state == ChangeState.REQUESTED and day >= change.expires_on:
            raise ChangeExpired
        move(
            change,
            ChangeState.CONFIRMED,
            by=by,
            at=at,
            confirmed_by=by,
            confirmed_at=at,
            proof=given,
        )
        _cool(change, by=by, at=at)
        _record("confirmed", change, by=by, at=at, proof=given)
    return change


def _check_second(change: AccountChange, by: User, at: datetime, proof: Proof | None) -> str:
    """Return the kind of the second proof."""
    if change.document_reference:
        _check_other_agent(change, by)
        return SECOND_AGENT
    if by.pk != change.asked_by_id or not speaks_for(by, change.payee, day=local_day(at)):
        raise NotYourAccount
    if proof is None or not change.asked_at <= proof.at <= at:
        raise SecondProofMissing
    if at - proof.at > timedelta(seconds=settings.ACCOUNT_REAUTHENTICATION_TIMEOUT):
        raise SecondProofMissing
    return proof.factor


def _cool(change: AccountChange, *, by: Actor, at: datetime, reason: str = "") -> None:
    """Start the delay, whole, and tell the old contact."""
    day = local_day(at)
    opens_on = day + _days("account_change_cooling_days", day)
    move(change, ChangeState.COOLING, by=by, at=at, reason=reason, opens_on=opens_on)
    present = account_on(change.payee, day)
    tell_contact(change, old_rib=present.rib if present else "", at=at)


def contest_change(
    *, change: AccountChange, by: User, at: datetime, reason: str = ""
) -> AccountChange:
    """Say "this was not me" in one gesture: no payment leaves, to either account, until a decision.

    An agent who is told so by the payee writes how. Raises NotYourAccount, ReasonMissing,
    TransitionRefused.
    """
    with transaction.atomic():
        change = _locked(change.id)
        _check_voice(change, by, at, reason)
        if change.state != ChangeState.CONTESTED:
            move(
                change, ChangeState.CONTESTED, by=by, at=at, reason=reason.strip(), contested_at=at
            )
            _record("contested", change, by=by, at=at, reason=reason.strip())
    return change


def refuse_change(
    *, change: AccountChange, by: User, at: datetime, reason: str = ""
) -> AccountChange:
    """Drop a change: the payee takes it back, or an agent refuses it with a reason.

    Once contested, only an agent who did not take part in it decides. Raises NotYourAccount,
    ReasonMissing, NotAnAccountAgent, SecondAgentNeeded, TransitionRefused.
    """
    with transaction.atomic():
        change = _locked(change.id)
        _check_voice(change, by, at, reason)
        if change.state == ChangeState.CONTESTED:
            _check_other_agent(change, by)
        if not _did(change, ChangeState.REFUSED, by):
            move(change, ChangeState.REFUSED, by=by, at=at, reason=reason.strip())
            _record("refused", change, by=by, at=at, reason=reason.strip())
    return change


def resume_change(*, change: AccountChange, by: User, at: datetime, reason: str) -> AccountChange:
    """Find a contestation unfounded: payments go on, and the whole delay starts again.

    Raises NotAnAccountAgent, SecondAgentNeeded, ReasonMissing, TransitionRefused.
    """
    with transaction.atomic():
        change = _locked(change.id)
        _check_other_agent(change, by)
        if not reason.strip():
            raise ReasonMissing(pointer="/reason")
        if not _did(change, ChangeState.COOLING, by):
            _cool(change, by=by, at=at, reason=reason.strip())
            _record("resumed", change, by=by, at=at, reason=reason.strip())
    return change


def settle_changes(*, at: datetime) -> int:
    """Do what the clock owes: open accounts whose delay has passed, expire what nobody confirmed.

    Returns how many changes moved; any number of calls on one day changes nothing more.
    """
    return sum(_settle(key, at) for key in changes_due(local_day(at)))


def _settle(change_id: UUID, at: datetime) -> bool:
    day = local_day(at)
    with transaction.atomic():
        due = due_changes(day).filter(id=change_id)
        change = due.select_for_update(of=("self",), skip_locked=True).first()
        if change is None:
            return False
        if change.state == ChangeState.REQUESTED:
            move(change, ChangeState.EXPIRED, by=CLOCK, at=at)
            return True
        _apply(change, day, at)
    return True


def _apply(change: AccountChange, day: date, at: datetime) -> None:
    present = account_on(change.payee, day)
    account = replace_account(
        payee=change.payee, rib=change.rib, holder=change.holder, day=day, by=CLOCK, at=at
    )
    move(change, ChangeState.APPLIED, by=CLOCK, at=at, account=account)
    tell_contact(change, old_rib=present.rib if present else "", at=at)
    _record("applied", change, by=CLOCK, at=at)


def _locked(change_id: UUID) -> AccountChange:
    return AccountChange.objects.select_for_update(of=("self",)).get(id=change_id)


def _did(change: AccountChange, state: ChangeState, by: User) -> bool:
    """Whether the change is in this state because `by` put it there: the command is a repetition."""
    return change.state == state and moves_of(change)[-1].actor == actor_id(by)


def _check_voice(change: AccountChange, by: User, at: datetime, reason: str) -> None:
    """The payee's own voice needs no reason; an agent's does."""
    if speaks_for(by, change.payee, day=local_day(at)):
        return
    if not can_edit_accounts(by):
        raise NotYourAccount
    if not reason.strip():
        raise ReasonMissing(pointer="/reason")


def _check_other_agent(change: AccountChange, by: User) -> None:
    if not can_edit_accounts(by):
        raise NotAnAccountAgent
    if by.pk == change.asked_by_id or (
        by.pk == change.confirmed_by_id and change.state == ChangeState.CONTESTED
    ):
        raise SecondAgentNeeded


def _days(delay: str, day: date) -> timedelta:
    return timedelta(days=load_law().at(day).delay(delay))


def _record(deed: str, change: AccountChange, *, by: Actor, at: datetime, **after: Any) -> None:
    """Append to the audit trail; the account number is masked there."""
    payee = change.payee
    audit.record(
        by=by,
        at=at,
        action=f"payments.account_change.{deed}",
        subject=change,
        insured_id=payee.id if payee.kind is PayeeKind.INSURED else None,
        after={"state": change.state, "rib": masked(change.rib), **after},
    )
