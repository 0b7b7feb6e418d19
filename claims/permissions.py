"""Who may try laws out, conduct an adjudication of the whole queue, order pads and receive paper."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from claims.models import ShadowLaw
from core import audit
from core.audit import Actor, actor_id
from core.errors import DomainError
from providers.models import Membership, Provider
from providers.selectors import membership_on

LAW_ROLES = frozenset({Role.ADMINISTRATOR, Role.MEDICAL_OFFICER})
LAW_READERS = LAW_ROLES | {Role.AUDITOR}
# What the trail says of who wrote a file of a law.
WRITTEN, REWRITTEN = "claims.shadowlaw.added", "claims.shadowlaw.changed"


class LawDeskNotYours(DomainError):
    """The person's role does not try laws out."""

    code = "LAW_DESK_NOT_YOURS"
    status = 403
    message = _(
        "Seuls un médecin-conseil ou un administrateur essaient une loi. Rien n’a été modifié."
    )


class SecondPersonAdopts(DomainError):
    """Who wrote or proposed a law never adopts it."""

    code = "LAW_FOUR_EYES"
    status = 403
    message = _(
        "Vous avez écrit ou proposé « %(name)s » : une autre personne doit l’adopter. "
        "Rien n’a été modifié."
    )


def can_try_laws(viewer: Any) -> bool:
    """Tell whether a person writes, measures and proposes candidate laws."""
    return getattr(viewer, "role", None) in LAW_ROLES and viewer.is_active


def can_read_shadow_laws(viewer: Any) -> bool:
    """Tell whether a person reads candidate laws and what they would change."""
    return getattr(viewer, "role", None) in LAW_READERS and viewer.is_active


def can_adopt(viewer: Any, shadow: ShadowLaw) -> bool:
    """Tell whether a person may adopt this law: who wrote none of its files and did not propose it."""
    if not can_try_laws(viewer) or viewer.pk in (shadow.author_id, shadow.proposed_by_id):
        return False
    return actor_id(viewer) not in audit.actors_of(shadow, (WRITTEN, REWRITTEN))


def check_can_try_laws(by: Actor) -> None:
    """Raise LawDeskNotYours unless `by` is a person who tries laws out."""
    if not can_try_laws(by):
        raise LawDeskNotYours


def check_can_adopt(by: Actor, shadow: ShadowLaw) -> None:
    """Raise LawDeskNotYours or SecondPersonAdopts unless `by` may adopt this law."""
    check_can_try_laws(by)
    if not can_adopt(by, shadow):
        raise SecondPersonAdopts(name=shadow.name)


RUN_ROLES = frozenset({Role.AGENT, Role.PAYMENT_OFFICER})
WATCH_ROLES = RUN_ROLES | {Role.MEDICAL_OFFICER, Role.FRAUD_OFFICER, Role.AUDITOR}


class RunNotYours(DomainError):
    """The person's role does not run adjudications."""

    code = "RUN_NOT_YOURS"
    message = _("Votre rôle ne permet pas de conduire une liquidation en lot.")
    status = 403


def can_run(by: Actor) -> bool:
    """Whether a person, or a job of the system, may conduct a run."""
    return isinstance(by, str) or (by.is_active and by.role in RUN_ROLES)


def check_can_run(by: Actor) -> None:
    """Raise RunNotYours unless `by` may conduct a run."""
    if not can_run(by):
        raise RunNotYours


def can_watch_runs(user: Actor) -> bool:
    """Whether a person may see how runs go."""
    return bool(user.is_active and user.role in WATCH_ROLES)


PAPER_ROLES = frozenset({Role.AGENT})
PAPER_READERS = PAPER_ROLES | {Role.MEDICAL_OFFICER, Role.FRAUD_OFFICER, Role.AUDITOR}
PAD_ROLES = frozenset({Role.AGENT, Role.ADMINISTRATOR})
PAD_READERS = PAPER_READERS | PAD_ROLES


class PaperNotYours(DomainError):
    code = "PAPER_NOT_YOURS"
    status = 403
    message = _("Seul un agent de la caisse reçoit les feuilles papier. Rien n’a été enregistré.")


class PadNotYours(DomainError):
    code = "PAD_NOT_YOURS"
    status = 403
    message = _(
        "Seuls le titulaire et la caisse demandent ou déclarent perdu un carnet. Rien n’a été enregistré."
    )


def can_receive_paper(user: Any) -> bool:
    """Whether a person reads and keys in paper sheets."""
    return bool(user.is_active and user.role in PAPER_ROLES)


def check_receives_paper(by: Any) -> None:
    """Raise PaperNotYours unless the person reads and keys in paper sheets."""
    if not can_receive_paper(by):
        raise PaperNotYours


def check_keeps_pads(by: Any, provider: Provider, *, on: date) -> None:
    """Raise PadNotYours unless the person signs for the provider, or keeps pads for all."""
    if by.role in PAD_ROLES:
        return
    membership = membership_on(by, provider, on)
    if membership is None or membership.standing != Membership.Standing.SIGNATORY:
        raise PadNotYours
