"""States of an envelope on the server; what happens to it on its device is the device's."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.transitions import Command, Machine


class EnvelopeState(models.TextChoices):
    RECEIVED = "RECEIVED", _("reçu")
    APPLIED = "APPLIED", _("appliqué")
    HELD = "HELD", _("en attente")
    CONFLICT = "CONFLICT", _("en conflit")
    QUARANTINED = "QUARANTINED", _("à examiner")
    REJECTED = "REJECTED", _("refusé")
    RECEIPTED = "RECEIPTED", _("accusé de réception remis")


S = EnvelopeState
WAITS = (S.RECEIVED, S.HELD)

ENVELOPE_COMMANDS = (
    Command("E06", "persist", (), "server", "its bytes are kept before anything else", S.RECEIVED),
    Command("E07", "apply", (S.RECEIVED,), "server", "by the services of the pages", S.APPLIED),
    Command(
        "E09",
        "hold",
        (S.RECEIVED,),
        "server",
        "an earlier number, or the prescription it dispenses, is missing",
        S.HELD,
    ),
    Command(
        "E10",
        "apply_held",
        (S.HELD,),
        "server or agent",
        "what was missing came, or an agent goes on without it",
        S.APPLIED,
    ),
    Command("E11", "give_up_gap", (S.HELD,), "agent", "the device is declared lost", S.QUARANTINED),
    Command(
        "E12",
        "suspect",
        WAITS,
        "server",
        "key not valid then, fork, clock outside its interval, limit passed",
        S.QUARANTINED,
    ),
    Command("E13", "release", (S.QUARANTINED,), "agent", "reason", S.APPLIED),
    Command("E13b", "release", (S.QUARANTINED,), "agent", "a rule finds a conflict", S.CONFLICT),
    Command("E14", "refuse", (S.QUARANTINED,), "agent", "reason", S.REJECTED),
    Command("E15", "reject", WAITS, "server", "unreadable, or refused by the service", S.REJECTED),
    Command("E16", "apply_with_conflict", WAITS, "server", "a case is opened", S.CONFLICT),
    Command("E17", "resolve", (S.CONFLICT,), "agent", "each party is told", S.APPLIED),
    Command("E17b", "resolve", (S.CONFLICT,), "agent", "it cannot be applied", S.REJECTED),
    Command(
        "E18",
        "fetch_outcome",
        (S.APPLIED, S.REJECTED),
        "device",
        "its own user asked for the outcome",
        S.RECEIPTED,
    ),
)
ENVELOPE_MACHINE = Machine.of(
    "envelope",
    initial=S.RECEIVED,
    owners={
        S.RECEIVED: "server",
        S.APPLIED: "device",
        S.HELD: "server or agent",
        S.CONFLICT: "agent",
        S.QUARANTINED: "agent",
        S.REJECTED: "device",
        S.RECEIPTED: "nobody",
    },
    commands=ENVELOPE_COMMANDS,
)
