"""Writing accounts: created by an office, activated by their owner with a one-time code."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import OFFICE_ROLES, Activation, Role, User
from core import audit
from core.audit import Actor
from core.errors import DomainError
from core.numbers import ALPHABET, normalise_number

CODE_LENGTH = 12
# A product setting, not law: long enough for a letter to arrive.
ACTIVATION_LASTS = timedelta(days=30)


class ActivationRefused(DomainError):
    """The code is unknown, used or too old; which of them is not told to strangers."""

    code = "ACTIVATION_REFUSED"
    status = 422
    message = _(
        "Ce code n’ouvre aucun compte : il est faux, déjà utilisé ou trop ancien. "
        "Demandez-en un nouveau à l’agence qui vous l’a remis."
    )


class OwnAccount(DomainError):
    """Nobody gives themselves a code or takes their own protection away: a second person does."""

    code = "OWN_ACCOUNT"
    status = 403
    message = _(
        "C’est votre propre compte : un autre administrateur doit le faire. Rien n’a été modifié."
    )


class AccountClosed(DomainError):
    """A closed account is opened again before anything else."""

    code = "ACCOUNT_CLOSED"
    message = _("Ce compte est fermé : rouvrez-le d’abord. Aucun code n’a été émis.")


class ReasonMissing(DomainError):
    """The gesture is written in the audit trail with its reason."""

    code = "REASON_MISSING"
    status = 422
    message = _("Un motif est nécessaire : il est gardé au journal. Rien n’a été modifié.")


class SecondFactorMissing(DomainError):
    """There is nothing to remove."""

    code = "SECOND_FACTOR_MISSING"
    message = _("Ce compte n’a aucun second facteur. Rien n’a été modifié.")


def create_user(
    *,
    username: str,
    full_name: str,
    role: Role,
    language: str,
    by: Actor,
    at: datetime,
    is_demo: bool = False,
) -> User:
    """Create an account that nobody can enter yet: it has no password until it is activated."""
    with transaction.atomic():
        user = User(
            username=username,
            full_name=full_name,
            role=role,
            language=language,
            is_staff=role in OFFICE_ROLES,
            is_demo=is_demo,
        )
        user.set_unusable_password()
        user.full_clean(exclude=["password"])
        user.save()
        audit.record(
            by=by, at=at, action="accounts.user.created", subject=user, after={"role": role}
        )
    return user


def issue_activation(*, user: User, by: Actor, at: datetime) -> str:
    """Return a new activation code for `user`, shown once; earlier codes stop working.

    It also serves who lost their password: the one they have holds until the code is used.
    Raises OwnAccount, AccountClosed.
    """
    if by == user:
        raise OwnAccount
    if not user.is_active:
        raise AccountClosed
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    with transaction.atomic():
        Activation.objects.filter(user=user, used_at__isnull=True).delete()
        Activation.objects.create(
            user=user, code_hash=_hash(code), created_at=at, expires_at=at + ACTIVATION_LASTS
        )
        audit.record(by=by, at=at, action="accounts.activation.issued", subject=user)
    return code


def activate_account(*, code: str, password: str, at: datetime) -> User:
    """Give the owner of a code a password. Raises ActivationRefused, ValidationError (weak password)."""
    with transaction.atomic():
        activation = (
            Activation.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(
                code_hash=_hash(code),
                used_at__isnull=True,
                expires_at__gt=at,
                user__is_active=True,
            )
            .first()
        )
        if activation is None:
            raise ActivationRefused
        user = activation.user
        validate_password(password, user)
        user.set_password(password)
        user.save(update_fields=["password"])
        activation.used_at = at
        activation.save(update_fields=["used_at"])
        audit.record(by=user, at=at, action="accounts.user.activated", subject=user)
    return user


def remove_second_factor(*, user: User, reason: str, by: Actor, at: datetime) -> None:
    """Take every second factor of someone who lost theirs away, and end their sessions.

    Raises OwnAccount, ReasonMissing, SecondFactorMissing.
    """
    if by == user:
        raise OwnAccount
    if not reason.strip():
        raise ReasonMissing(pointer="reason")
    with transaction.atomic():
        factors = Authenticator.objects.filter(user=user)
        kinds = sorted(factors.select_for_update().values_list("type", flat=True))
        if not kinds:
            raise SecondFactorMissing
        factors.delete()
        audit.record(
            by=by,
            at=at,
            action="accounts.second_factor.removed",
            subject=user,
            before={"types": kinds},
            after={"reason": reason.strip(), "sessions_ended": _end_sessions(user, at)},
        )


def _end_sessions(user: User, at: datetime) -> int:
    """Delete the living sessions of a person, and return how many there were.

    A session does not say whose it is but inside, so all are read: a rare gesture may take its time.
    """
    living = Session.objects.filter(expire_date__gt=at).iterator()
    theirs = [each.pk for each in living if each.get_decoded().get(SESSION_KEY) == str(user.pk)]
    Session.objects.filter(pk__in=theirs).delete()
    return len(theirs)


def _hash(code: str) -> str:
    return sha256(normalise_number(code).encode()).hexdigest()


def describe(user: Any) -> dict[str, str]:
    """Return what pages and the API say of a signed-in person."""
    return {"name": user.full_name, "role": user.role, "language": user.language}
