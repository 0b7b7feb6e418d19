"""States of a signing device."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.transitions import Machine


class DeviceState(models.TextChoices):
    ACTIVE = "ACTIVE", _("actif")
    REVOKED = "REVOKED", _("révoqué")


DEVICE_MACHINE = Machine(
    name="device",
    initial=DeviceState.ACTIVE,
    transitions={
        DeviceState.ACTIVE: frozenset({DeviceState.REVOKED}),
        DeviceState.REVOKED: frozenset(),
    },
    owners={DeviceState.ACTIVE: "provider", DeviceState.REVOKED: "provider"},
)
