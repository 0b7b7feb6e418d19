"""What the nights' page says: the steps of a run in words, how far it is, which rules changed since."""

from datetime import datetime
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from fraud import selectors
from fraud.models import NightRun
from fraud.presenters.titles import rule_title
from fraud.selectors.nights import running_night, steps_of
from fraud.selectors.rules import rules_in_force

SHOWN = 20


def shown_nights(*, at: datetime) -> dict[str, Any]:
    """The run under way and those before it, the last first."""
    run = running_night()
    past = list(NightRun.objects.exclude(state="RUNNING").order_by("-started_at")[:SHOWN])
    names = selectors.actor_names({each.started_by for each in past})
    return {
        "run": run,
        "night": shown_night(run) if run else None,
        "edited": _edited(run, at) if run else [],
        "past": [
            {
                "run": each,
                "who": names.get(each.started_by) or _("planificateur"),
                "alarms": each.alarms.count(),
                "failed": [step_label(step.name) for step in steps_of(each) if step.error],
            }
            for each in past
        ],
    }


def shown_night(run: NightRun) -> dict[str, Any]:
    """How far a run is: steps done, the one under way, those that failed."""
    steps = steps_of(run)
    done = [step for step in steps if step.ended_at]
    now = next((step for step in steps if step.ended_at is None), None)
    return {
        "run": run,
        "done": len(done),
        "total": len(steps),
        "now": step_label(now.name) if now else "",
        "alarms": run.alarms.count(),
        "failed": [step_label(step.name) for step in steps if step.error],
    }


def _edited(run: NightRun, at: datetime) -> list[str]:
    """The rules edited since the run began: it keeps the versions it began with."""
    now = {each.name: each.version for each in rules_in_force(localdate(at)) if not each.is_shadow}
    return [
        rule_title(step.removeprefix("rule:"))
        for step, kept in run.rules.items()
        if step.startswith("rule:") and now.get(step.removeprefix("rule:")) != kept["version"]
    ]


def step_label(name: str) -> str:
    """A step in words."""
    kind, __, rule = name.partition(":")
    if rule:
        title = rule_title(rule)
        return _("%(rule)s (à l’essai)") % {"rule": title} if kind == "shadow" else title
    words = {
        "copy": _("copie de l’historique"),
        "see": _("compteurs"),
        "cases": _("dossiers"),
        "aid": _("aide au classement"),
    }
    return words.get(name, name)
