"""Who may end a hold, and who may see a file of the controls."""

from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from core.errors import DomainError

HOLD_ROLES = frozenset({Role.AGENT, Role.FRAUD_OFFICER})
REVIEW_ROLES = frozenset({Role.AGENT, Role.MEDICAL_OFFICER})
FILE_ROLES = HOLD_ROLES | REVIEW_ROLES | {Role.AUDITOR}


class HoldNotYours(DomainError):
    """The person's role does not end holds."""

    code = "HOLD_NOT_YOURS"
    message = _("Votre rôle ne permet pas de lever ni de refuser une suspension.")
    status = 403


class ReviewNotYours(DomainError):
    """The person's role does not decide reviews."""

    code = "REVIEW_NOT_YOURS"
    message = _("Votre rôle ne permet pas de trancher un dossier en contrôle.")
    status = 403


class FileNotYours(DomainError):
    """The person's role does not open claims."""

    code = "FILE_NOT_YOURS"
    message = _("Votre rôle ne permet pas d’ouvrir les dossiers de soins.")
    status = 403


def can_end_hold(user: User) -> bool:
    """Whether the person may release or refuse a held claim."""
    return user.is_active and user.role in HOLD_ROLES


def check_can_end_hold(user: User) -> None:
    """Raise HoldNotYours unless the person may release or refuse a held claim."""
    if not can_end_hold(user):
        raise HoldNotYours


def can_decide_review(user: User) -> bool:
    """Whether the person may confirm or deny a claim in review."""
    return user.is_active and user.role in REVIEW_ROLES


def check_can_decide_review(user: User) -> None:
    """Raise ReviewNotYours unless the person may confirm or deny a claim in review."""
    if not can_decide_review(user):
        raise ReviewNotYours


def can_see_files(user: User) -> bool:
    """Whether the person may open claims, with the health data they hold."""
    return user.is_active and user.role in FILE_ROLES


def check_can_see_files(user: User) -> None:
    """Raise FileNotYours unless the person may open claims."""
    if not can_see_files(user):
        raise FileNotYours
