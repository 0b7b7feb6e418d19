"""Writing in the register: devices and their keys, tokens, and the check of signed documents."""

import secrets
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from core import audit, signatures, transitions
from core.errors import DomainError
from core.numbers import PREFIX_LENGTH, mint_prefix
from core.signatures import SignedDocument
from providers import permissions, selectors
from providers.models import Device, Provider, SoftwareToken
from providers.states import DeviceState


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


def revoke_device(*, device: Device, by: Any, at: datetime) -> None:
    """Revoke a device: what it signed before stays valid, what it signs after is refused."""
    with transaction.atomic():
        transitions.move(device, DeviceState.REVOKED, by=by, at=at, revoked_at=at)
        audit.record(by=by, at=at, action="providers.device.revoked", subject=device)


def issue_software_token(
    *, provider: Provider, user: Any, software: str, by: Any, at: datetime
) -> str:
    """Return a new token for a provider's software; it is shown once, only its hash is kept."""
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


def check_signed(
    *,
    signed: SignedDocument,
    kid: str,
    inpe: str,
    fse_number: str,
    minted: bool,
    by: Any,
    at: datetime,
) -> Device:
    """Return the device that signed a document for the provider `inpe`, or refuse it.

    `minted`: the document opens its FSE number, so the number must bear this device's prefix.
    Raises ProviderUnknown, NotAMember, OnlySignatorySigns, DeviceUnknown, SignatureInvalid.
    """
    provider = selectors.provider_by_inpe(inpe)
    permissions.check_can_sign(selectors.membership_on(by, provider, localdate(at)), inpe=inpe)
    device = selectors.device_by_kid(kid)
    if (
        device is None
        or device.state != DeviceState.ACTIVE
        or device.provider_id != provider.pk
        or device.user_id != by.pk
    ):
        raise DeviceUnknown(pointer="/document/device")
    if not signatures.is_signed(signed.document, signed.signature, device.public_jwk):
        raise SignatureInvalid(pointer="/signature")
    if minted and fse_number[:PREFIX_LENGTH] != device.prefix:
        raise NumberOfAnotherDevice(pointer="/document/fse_number")
    return device


class NumberOfAnotherDevice(DomainError):
    """The number that opens a sheet was not minted by the device that signs it."""

    code = "FSE_NUMBER_FOREIGN"
    status = 422
    message = _(
        "Ce numéro FSE n’a pas été créé sur ce poste et aucune feuille ne le porte. Vérifiez-le."
    )
