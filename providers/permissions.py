"""Who may act for a provider."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from providers.models import Membership


class NotAMember(DomainError):
    """The person does not act for this provider on that day."""

    code = "PROVIDER_MISMATCH"
    status = 403
    message = _("Vous n’agissez pas pour le professionnel %(inpe)s. Rien n’a été enregistré.")


class OnlySignatorySigns(DomainError):
    """A delegate prepares; only a signatory signs."""

    code = "ONLY_SIGNATORY_SIGNS"
    status = 403
    message = _("Un délégué prépare, le titulaire signe. Le document est gardé, non envoyé.")


def check_can_sign(membership: Membership | None, *, inpe: str) -> None:
    """Raise NotAMember or OnlySignatorySigns unless the membership lets its user sign."""
    if membership is None:
        raise NotAMember(inpe=inpe)
    if membership.standing != Membership.Standing.SIGNATORY:
        raise OnlySignatorySigns
