"""How a signing device stops: suspended, revoked (lost or stolen), retired; and how it comes back."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.services import ReasonMissing
from core import audit, transitions
from providers import permissions
from providers.models import Device
from providers.states import DeviceState


def revoke_device(
    *,
    device: Device,
    by: Any,
    at: datetime,
    reason: str = "",
    stolen_since: datetime | None = None,
) -> None:
    """Revoke a device for good: what it signed before stays valid, what it signs after is refused.

    `stolen_since`: since when it is in other hands; what arrives from it then waits for a person. Its
    owner needs no reason; an office, which revokes a stolen key, does. Raises MayNotRevoke,
    ReasonMissing, TransitionRefused.
    """
    instants = [each for each in (at, device.invalid_since, stolen_since) if each is not None]
    _stop(
        device,
        DeviceState.REVOKED,
        by=by,
        at=at,
        reason=reason,
        revoked_at=at,
        invalid_since=min(instants),
        stolen=stolen_since is not None,
    )


def suspend_device(*, device: Device, by: Any, at: datetime, reason: str) -> None:
    """Suspend a device: what it signs from now on waits, until it is reinstated or revoked.

    Raises MayNotRevoke, ReasonMissing, TransitionRefused.
    """
    if not reason.strip():
        raise ReasonMissing(pointer="reason")
    _stop(device, DeviceState.SUSPENDED, by=by, at=at, reason=reason, invalid_since=at)


def retire_device(*, device: Device, by: Any, at: datetime, reason: str = "") -> None:
    """Retire a device that is no longer used and has sent everything.

    Raises MayNotRevoke, ReasonMissing, TransitionRefused.
    """
    _stop(device, DeviceState.RETIRED, by=by, at=at, reason=reason, invalid_since=at)


def reinstate_device(*, device: Device, by: Any, at: datetime, reason: str) -> None:
    """End a suspension: the device signs again, and what it signed meanwhile is valid.

    By an office only. Raises MayNotRevoke, ReasonMissing, TransitionRefused.
    """
    permissions.check_revokes_for_all(by)
    _stop(device, DeviceState.ACTIVE, by=by, at=at, reason=reason, invalid_since=None)


def _stop(
    device: Device, to: DeviceState, *, by: Any, at: datetime, reason: str, **fields: Any
) -> None:
    permissions.check_can_revoke(device, by)
    said = reason.strip()
    if by != device.user and not said:
        raise ReasonMissing(pointer="reason")
    with transaction.atomic():
        transitions.move(device, to, by=by, at=at, reason=said, **fields)
        audit.record(
            by=by,
            at=at,
            action=f"providers.device.{_DEEDS[to]}",
            subject=device,
            after={"reason": said} if said else None,
        )


_DEEDS = {
    DeviceState.REVOKED: "revoked",
    DeviceState.SUSPENDED: "suspended",
    DeviceState.RETIRED: "retired",
    DeviceState.ACTIVE: "reinstated",
}
