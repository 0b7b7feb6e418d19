"""Who may act for a provider."""

from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from core.errors import DomainError
from providers.models import Device, Membership

# Who keeps the register, and who pursues a stolen key.
REVOKING_ROLES = frozenset({Role.ADMINISTRATOR, Role.FRAUD_OFFICER})
# Who declares outages, and resolves what offline devices sent.
OUTAGE_ROLES = frozenset({Role.AGENT, Role.ADMINISTRATOR})


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
    check_signs(membership.standing if membership else None, inpe=inpe)


def check_signs(standing: str | None, *, inpe: str) -> None:
    """Raise NotAMember for who has no standing, OnlySignatorySigns for one that does not sign."""
    if standing is None:
        raise NotAMember(inpe=inpe)
    if standing != Membership.Standing.SIGNATORY:
        raise OnlySignatorySigns


class MayNotRevoke(DomainError):
    """The device is another person's, and the one who asks is of no office that revokes."""

    code = "DEVICE_OF_ANOTHER"
    status = 403
    message = _("Ce poste est celui d’une autre personne. Rien n’a été modifié.")


def check_can_revoke(device: Device, by: User) -> None:
    """Raise MayNotRevoke unless the device is theirs, or they revoke for everybody."""
    if by != device.user and by.role not in REVOKING_ROLES:
        raise MayNotRevoke


def check_revokes_for_all(by: User) -> None:
    """Raise MayNotRevoke unless the person's office stops and reinstates devices of everybody."""
    if by.role not in REVOKING_ROLES:
        raise MayNotRevoke


class NotOutageKeeper(DomainError):
    """Outages are declared by the fund's agents."""

    code = "NOT_OUTAGE_KEEPER"
    status = 403
    message = _("Seul un agent de la caisse déclare une panne. Rien n’a été enregistré.")


def check_keeps_outages(by: User) -> None:
    """Raise NotOutageKeeper unless the person declares outages."""
    if by.role not in OUTAGE_ROLES:
        raise NotOutageKeeper
