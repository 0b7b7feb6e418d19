"""Writing in the register: devices and their keys, tokens, and the check of signed documents."""

import secrets
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from psycopg.types.range import Range

from accounts.models import Role, User
from core import audit, signatures, transitions
from core.errors import DomainError
from core.numbers import PREFIX_LENGTH, mint_prefix
from core.pipeline import ask_one
from core.signatures import SignedDocument
from providers import permissions, selectors
from providers.intake import Offline
from providers.models import Device, Membership, Provider, SoftwareToken
from providers.services._devices import (
    reinstate_device,
    retire_device,
    revoke_device,
    suspend_device,
)
from providers.services._outages import OutageWindowWrong, declare_outage, end_outage
from providers.states import DeviceState

__all__ = [
    "AccountableNotSignatory",
    "DelegateNeverSigns",
    "DeviceUnknown",
    "KeyUnusable",
    "MemberAlready",
    "NumberOfAnotherDevice",
    "OutageWindowWrong",
    "RoleWithoutProvider",
    "SignatureInvalid",
    "TokenRevoked",
    "check_signed",
    "check_signer",
    "declare_outage",
    "end_outage",
    "enrol_device",
    "enrol_member",
    "issue_software_token",
    "reinstate_device",
    "retire_device",
    "revoke_device",
    "revoke_software_token",
    "suspend_device",
]


class KeyUnusable(DomainError):
    """The public key is not a P-256 point, or belongs to another device."""

    code = "KEY_UNUSABLE"
    status = 422
    message = _("Cette clé publique n’est pas utilisable. Recommencez l’inscription de ce poste.")


class SignatureInvalid(DomainError):
    """The signature does not belong to this document and this device."""

    code = "SIGNATURE_INVALID"
    status = 422
    message = _(
        "La signature ne correspond pas au document. Rien n’a été enregistré ; signez à nouveau."
    )


class DeviceUnknown(DomainError):
    """No active device has this key."""

    code = "DEVICE_UNKNOWN"
    status = 422
    message = _(
        "Ce poste n’est pas inscrit, ou il a été révoqué. Inscrivez-le, puis signez à nouveau."
    )


class RoleWithoutProvider(DomainError):
    """Only people who give care act for a provider."""

    code = "ROLE_WITHOUT_PROVIDER"
    status = 422
    message = _("Seul un rôle de soins agit pour un professionnel. Rien n’a été enregistré.")


class DelegateNeverSigns(DomainError):
    """A delegate prepares: the role and the standing say the same."""

    code = "DELEGATE_NEVER_SIGNS"
    status = 422
    message = _("Un délégué prépare et ne signe pas : choisissez « délégué ».")


class MemberAlready(DomainError):
    """The person already acts for this provider on some of these days."""

    code = "MEMBER_ALREADY"
    message = _("Cette personne agit déjà pour ce professionnel. Rien n’a été enregistré.")


class AccountableNotSignatory(DomainError):
    """The person who answers for a software signs for its provider."""

    code = "ACCOUNTABLE_NOT_SIGNATORY"
    status = 422
    message = _(
        "%(name)s n’est pas signataire pour l’INPE %(inpe)s : choisissez un signataire. "
        "Aucun jeton n’a été émis."
    )


class TokenRevoked(DomainError):
    """The token was revoked before."""

    code = "TOKEN_REVOKED"
    message = _("Ce jeton est déjà révoqué. Rien n’a été modifié.")


def enrol_member(
    *, user: User, provider: Provider, standing: str, first_day: date, by: Any, at: datetime
) -> Membership:
    """Let `user` act for a provider from `first_day` on, as a signatory or a delegate.

    Raises RoleWithoutProvider, DelegateNeverSigns, MemberAlready.
    """
    if not user.gives_care:
        raise RoleWithoutProvider(pointer="role")
    if user.role == Role.DELEGATE and standing != Membership.Standing.DELEGATE:
        raise DelegateNeverSigns(pointer="standing")
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                user=user, provider=provider, standing=standing, period=Range(first_day, None, "[)")
            )
            audit.record(
                by=by,
                at=at,
                action="providers.member.enrolled",
                subject=membership,
                after={
                    "user": str(user.pk),
                    "inpe": provider.inpe,
                    "standing": standing,
                    "from_day": first_day.isoformat(),
                },
            )
    except IntegrityError:
        raise MemberAlready(pointer="first_day") from None
    return membership


def enrol_device(
    *, provider: Provider, label: str, public_jwk: dict[str, str], by: Any, at: datetime
) -> Device:
    """Enrol a device's public key for a signatory, and give it a prefix for the numbers it mints.

    Enrolling the same key again for the same person gives the same device. Raises KeyUnusable,
    NotAMember, OnlySignatorySigns.
    """
    membership = selectors.membership_on(by, provider, localdate(at))
    permissions.check_can_sign(membership, inpe=provider.inpe)
    try:
        signatures.public_key(public_jwk)
    except (ValueError, KeyError) as error:
        raise KeyUnusable(pointer="/public_jwk") from error
    kid = signatures.thumbprint(public_jwk)
    with transaction.atomic():
        known = selectors.device_by_kid(kid)
        if known is not None:
            if known.user_id != by.pk or known.provider_id != provider.pk:
                raise KeyUnusable(pointer="/public_jwk")
            return known
        device = _with_free_prefix(
            Device(
                provider=provider,
                user=by,
                label=label,
                kid=kid,
                public_jwk={name: public_jwk[name] for name in ("kty", "crv", "x", "y")},
                state=DeviceState.ACTIVE,
                enrolled_at=at,
            )
        )
        transitions.born(device, by=by, at=at)
        audit.record(by=by, at=at, action="providers.device.enrolled", subject=device)
    return device


def _with_free_prefix(device: Device) -> Device:
    """Save the device under a prefix nobody has; 33 million exist, so a second draw is rare."""
    for _draw in range(5):
        device.prefix = mint_prefix()
        try:
            with transaction.atomic():
                device.save(force_insert=True)
        except IntegrityError:
            continue
        return device
    raise KeyUnusable(pointer="/public_jwk")


def issue_software_token(
    *, provider: Provider, user: Any, software: str, by: Any, at: datetime
) -> str:
    """Return a new token for a provider's software; it is shown once, only its hash is kept.

    `user` answers for the software and signs for the provider. Raises AccountableNotSignatory.
    """
    membership = selectors.membership_on(user, provider, localdate(at))
    if membership is None or membership.standing != Membership.Standing.SIGNATORY:
        raise AccountableNotSignatory(pointer="user", name=user.full_name, inpe=provider.inpe)
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        row = SoftwareToken.objects.create(
            provider=provider,
            user=user,
            software=software,
            token_hash=selectors.hash_of(token),
            issued_at=at,
        )
        audit.record(by=by, at=at, action="providers.token.issued", subject=row)
    return token


def revoke_software_token(*, token: SoftwareToken, by: Any, at: datetime) -> None:
    """Close a software's access from now on. Raises TokenRevoked."""
    with transaction.atomic():
        locked = SoftwareToken.objects.select_for_update(of=("self",)).get(pk=token.pk)
        if locked.revoked_at is not None:
            raise TokenRevoked
        locked.revoked_at = at
        locked.save(update_fields=["revoked_at"])
        audit.record(by=by, at=at, action="providers.token.revoked", subject=locked)


def check_signed(
    *,
    signed: SignedDocument,
    kid: str,
    inpe: str,
    fse_number: str,
    minted: bool,
    by: Any,
    at: datetime,
    offline: Offline | None = None,
) -> Device:
    """Return the device that signed a document for the provider `inpe`, or refuse it.

    `minted`: the document opens its FSE number, so the number must bear this device's prefix.
    `offline`: signed before `at`, with no network; what counts is the instant of signing.
    Raises ProviderUnknown, NotAMember, OnlySignatorySigns, DeviceUnknown, SignatureInvalid.
    """
    day = localdate(offline.signed_at if offline else at)
    signer = ask_one(selectors.signer(user=by, inpe=inpe, kid=kid, day=day))
    return check_signer(
        signer,
        signed=signed,
        inpe=inpe,
        minted_number=fse_number if minted else None,
        by=by,
        valid_at=offline.key_valid_at if offline else at,
    )


def check_signer(
    signer: selectors.Signer,
    *,
    signed: SignedDocument,
    inpe: str,
    minted_number: str | None,
    by: Any,
    valid_at: datetime | None,
) -> Device:
    """Return the signer's device if it signed the document for the provider `inpe`, or refuse it.

    `minted_number`: the number that the document opens, if it opens one. What counts is that the key
    was valid at `valid_at`; None once a person of the fund answers for it. Raises as `check_signed`.
    """
    provider, standing, device = signer
    if provider is None:
        raise selectors.ProviderUnknown(pointer="/document/provider", inpe=inpe)
    permissions.check_signs(standing, inpe=inpe)
    if (
        device is None
        or not (valid_at is None or device.is_valid_at(valid_at))
        or device.provider_id != provider.pk
        or device.user_id != by.pk
    ):
        raise DeviceUnknown(pointer="/document/device")
    if not signatures.is_signed(signed.document, signed.signature, device.public_jwk):
        raise SignatureInvalid(pointer="/signature")
    if minted_number is not None and minted_number[:PREFIX_LENGTH] != device.prefix:
        raise NumberOfAnotherDevice(pointer="/document/fse_number")
    return device


class NumberOfAnotherDevice(DomainError):
    """The number that opens a sheet was not minted by the device that signs it."""

    code = "FSE_NUMBER_FOREIGN"
    status = 422
    message = _(
        "Ce numéro FSE n’a pas été créé sur ce poste et aucune feuille ne le porte. Vérifiez-le."
    )
