"""The server's word to a device: its time, its keys, its limits, how far its chain came."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from core.record_keys import new_key
from providers.models import Device, Outage
from providers.selectors import device_by_kid
from sync import selectors
from sync.gateways import issued
from sync.models import DeviceChain
from sync.rules.limits import Limits
from sync.services._settling import locked_chain


class AnchorDeviceUnknown(DomainError):
    """The caller has no active device of this key."""

    code = "ANCHOR_DEVICE_UNKNOWN"
    status = 404
    message = _(
        "Aucun de vos postes actifs ne porte cette clé. Inscrivez ce poste avant de travailler hors ligne."
    )


@dataclass(frozen=True, slots=True)
class Anchored:
    """An anchor with all a device is told beside it; amounts in centimes."""

    token: str
    at: datetime
    limits: Limits
    in_outage: bool
    warning_bp: int
    outages: list[Outage]
    chain: DeviceChain


def anchor_device(*, kid: str, by: Any, at: datetime) -> Anchored:
    """Give a device its time, signed, and what it may do until it hears from us again.

    Raises AnchorDeviceUnknown, SealMissing.
    """
    device = device_by_kid(kid)
    if device is None or device.user_id != by.pk or not device.is_valid_at(at):
        raise AnchorDeviceUnknown(pointer="/device")
    with transaction.atomic():
        DeviceChain.objects.get_or_create(device=device, defaults={"hash": device.kid})
        chain = locked_chain(device.pk)
        chain.anchored_at = at
        chain.save(update_fields=["anchored_at"])
    return _anchored(device, chain, at)


def _anchored(device: Device, chain: DeviceChain, at: datetime) -> Anchored:
    day = localdate(at)
    outages = selectors.outages_of(device, since=day)
    in_outage = any(
        each.since <= at and (each.until is None or at < each.until) for each in outages
    )
    token = issued({"device": device.kid, "at": at.isoformat(), "id": str(new_key())})
    return Anchored(
        token=token,
        at=at,
        limits=selectors.limits_of(device, day=day, in_outage=in_outage),
        in_outage=in_outage,
        warning_bp=selectors.warning_bp(day),
        outages=outages,
        chain=chain,
    )
