"""States of a rule's version, of a night run and of a case: one table each, drawn in docs/states.md."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.transitions import Machine


class RuleState(models.TextChoices):
    SHADOW = "SHADOW", _("à l’essai")
    ON = "ON", _("en service")
    RETIRED = "RETIRED", _("remplacée")
    DROPPED = "DROPPED", _("abandonnée")


R = RuleState

# A version is written by one person in shadow; another one switches it on, once its impact is known.
RULE_MACHINE = Machine(
    name="fraud_rule",
    initial=R.SHADOW,
    transitions={
        R.SHADOW: frozenset({R.ON, R.DROPPED}),
        R.ON: frozenset({R.RETIRED}),
        R.RETIRED: frozenset(),
        R.DROPPED: frozenset(),
    },
    owners={R.SHADOW: "insurer", R.ON: "insurer", R.RETIRED: "insurer", R.DROPPED: "insurer"},
)


class NightState(models.TextChoices):
    RUNNING = "RUNNING", _("en cours")
    DONE = "DONE", _("terminé")
    STOPPED = "STOPPED", _("arrêté")


N = NightState

NIGHT_MACHINE = Machine(
    name="fraud_night",
    initial=N.RUNNING,
    transitions={
        N.RUNNING: frozenset({N.DONE, N.STOPPED}),
        N.DONE: frozenset(),
        N.STOPPED: frozenset(),
    },
    owners={N.RUNNING: "system", N.DONE: "system", N.STOPPED: "insurer"},
)


class CaseState(models.TextChoices):
    OPEN = "OPEN", _("ouvert")
    ASSIGNED = "ASSIGNED", _("en instruction")
    CONFIRMED = "CONFIRMED", _("fraude confirmée")
    UNFOUNDED = "UNFOUNDED", _("non fondé")


C = CaseState

# What new alarms still join.
LIVE_CASES = (C.OPEN, C.ASSIGNED)

# What was confirmed is contested where its money is, with the reversals and debts of payments.
CASE_MACHINE = Machine(
    name="fraud_case",
    initial=C.OPEN,
    transitions={
        C.OPEN: frozenset({C.ASSIGNED}),
        C.ASSIGNED: frozenset({C.OPEN, C.CONFIRMED, C.UNFOUNDED}),
        C.CONFIRMED: frozenset(),
        C.UNFOUNDED: frozenset({C.OPEN}),
    },
    owners={
        C.OPEN: "insurer",
        C.ASSIGNED: "insurer",
        C.CONFIRMED: "insurer",
        C.UNFOUNDED: "insurer",
    },
)
