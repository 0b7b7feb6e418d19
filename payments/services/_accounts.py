"""Opening accounts: the first one of a payee; any other goes through a change of account."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from psycopg.types.range import Range

from core import audit
from core.audit import Actor
from core.errors import DomainError
from core.numbers import is_rib
from core.sealed_fields import masked
from payments.models import PayeeAccount
from payments.rules import Payee, PayeeKind


class RibWrong(DomainError):
    """The key of the account number is wrong."""

    code = "RIB_WRONG"
    status = 422
    message = _(
        "Ce RIB n’a pas 24 chiffres ou sa clé est fausse : vérifiez la saisie. Rien n’a été enregistré."
    )


class HolderMissing(DomainError):
    """An account is in somebody's name."""

    code = "HOLDER_MISSING"
    status = 422
    message = _("Écrivez le nom du titulaire du compte. Rien n’a été enregistré.")


class AccountKnown(DomainError):
    """The payee already has an account: another one goes through a change."""

    code = "ACCOUNT_KNOWN"
    message = _(
        "Ce bénéficiaire a déjà un compte : demandez un changement de compte. Rien n’a été enregistré."
    )


def check_account(rib: str, holder: str) -> tuple[str, str]:
    """Return an account number without blanks and its holder's name.

    Raises RibWrong, HolderMissing.
    """
    rib, holder = "".join(rib.split()), holder.strip()
    if not is_rib(rib):
        raise RibWrong(pointer="/rib")
    if not holder:
        raise HolderMissing(pointer="/holder")
    return rib, holder


def open_account(
    *, payee: Payee, rib: str, holder: str, first_day: date, by: Actor, at: datetime
) -> PayeeAccount:
    """Open the first account of a payee, from `first_day` on.

    Raises RibWrong, HolderMissing, AccountKnown. The number itself is not written in the audit trail.
    """
    rib, holder = check_account(rib, holder)
    try:
        with transaction.atomic():
            if PayeeAccount.objects.filter(**payee.scope).exists():
                raise AccountKnown
            return _create(payee, rib, holder, first_day, by=by, at=at)
    except IntegrityError:
        raise AccountKnown from None


def replace_account(
    *, payee: Payee, rib: str, holder: str, day: date, by: Actor, at: datetime
) -> PayeeAccount:
    """End the account of a payee, if any, and open another on `day`; the edge is never this door.

    An account that opened on `day` or after keeps its first day: the new one starts on the next.
    """
    last = PayeeAccount.objects.select_for_update().filter(**payee.scope).order_by("period").last()
    if last is not None:
        day = max(day, last.period.lower + timedelta(days=1))
        if last.period.upper is None or last.period.upper > day:
            last.period = Range(last.period.lower, day, "[)")
            last.save()
    return _create(payee, rib, holder, day, by=by, at=at)


def _create(
    payee: Payee, rib: str, holder: str, day: date, *, by: Actor, at: datetime
) -> PayeeAccount:
    account = PayeeAccount.objects.create(
        **payee.scope, rib=rib, holder=holder, period=Range(day, None, "[)")
    )
    audit.record(
        by=by,
        at=at,
        action="payments.account.opened",
        subject=account,
        insured_id=payee.id if payee.kind is PayeeKind.INSURED else None,
        after={"rib": masked(rib), "from_day": day.isoformat()},
    )
    return account
