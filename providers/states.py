"""States of a signing device. What it signed before it stopped stays valid (docs/offline.md)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.transitions import Command, Machine


class DeviceState(models.TextChoices):
    ACTIVE = "ACTIVE", _("actif")
    SUSPENDED = "SUSPENDED", _("suspendu")
    REVOKED = "REVOKED", _("révoqué")
    RETIRED = "RETIRED", _("retiré")


S = DeviceState

DEVICE_COMMANDS = (
    Command("V01", "enrol", (), "provider", "key made on the device, never exported", S.ACTIVE),
    Command("V06", "suspend", (S.ACTIVE,), "office", "learnt at the next contact", S.SUSPENDED),
    Command("V07", "reinstate", (S.SUSPENDED,), "office", "", S.ACTIVE),
    Command(
        "V08",
        "revoke",
        (S.ACTIVE, S.SUSPENDED),
        "provider or office",
        "lost or stolen; stolen: what arrives from then on waits for a person",
        S.REVOKED,
    ),
    Command("V09", "retire", (S.ACTIVE,), "provider or office", "nothing is unsent", S.RETIRED),
)
DEVICE_MACHINE = Machine.of(
    "device",
    initial=S.ACTIVE,
    owners={
        S.ACTIVE: "provider or office",
        S.SUSPENDED: "office",
        S.REVOKED: "nobody",
        S.RETIRED: "nobody",
    },
    commands=DEVICE_COMMANDS,
)
