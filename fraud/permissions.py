"""Who may end a hold, see a file of the controls, write a rule and decide a case."""

from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from core.errors import DomainError
from fraud.models import RuleVersion

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


# The rules and the cases are the fraud officers'; nobody else steers what suspects people.
DESK_ROLES = frozenset({Role.FRAUD_OFFICER})
DESK_READERS = DESK_ROLES | {Role.AUDITOR}


class FraudDeskNotYours(DomainError):
    """The person's role neither writes rules nor decides cases."""

    code = "FRAUD_DESK_NOT_YOURS"
    message = _("Seul un contrôleur de la fraude fait cela. Rien n’a été modifié.")
    status = 403


class RuleFourEyes(DomainError):
    """Who wrote a version of a rule never switches it on."""

    code = "RULE_FOUR_EYES"
    message = _(
        "Vous avez écrit cette version : un autre contrôleur la met en service. Rien n’a été modifié."
    )
    status = 403


def can_work_desk(user: User) -> bool:
    """Whether the person writes rules, starts nights and decides cases."""
    return user.is_active and user.role in DESK_ROLES


def check_can_work_desk(user: User) -> None:
    """Raise FraudDeskNotYours unless the person works at the fraud desk."""
    if not can_work_desk(user):
        raise FraudDeskNotYours


def can_switch_on(user: User, version: RuleVersion) -> bool:
    """Whether the person may switch a version on: a fraud officer who did not write it."""
    return can_work_desk(user) and version.prepared_by_id != user.pk


def check_can_switch_on(user: User, version: RuleVersion) -> None:
    """Raise FraudDeskNotYours or RuleFourEyes unless the person may switch the version on."""
    check_can_work_desk(user)
    if not can_switch_on(user, version):
        raise RuleFourEyes
