"""What the rules' pages say: mode, figures with their bounds and source, record, shadow, fairness."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from accounts.models import User
from fraud.models import RuleVersion
from fraud.permissions import can_switch_on, can_work_desk
from fraud.presenters.figures import shown_figure
from fraud.presenters.inputs import sight
from fraud.presenters.titles import KINDS, family_title, rule_title
from fraud.rules.catalogue import MODULES, NOT_CODED
from fraud.rules.precision import Record, is_fair
from fraud.rules.rule import Kind
from fraud.rules.thresholds import WEIGHT
from fraud.selectors.rules import (
    NAMED,
    InForce,
    as_it_came,
    bounds_of,
    desk_on,
    fairness,
    impact_of,
    records,
    rules_in_force,
    suspensions,
    versions_of,
)
from fraud.states import RuleState
from providers.models import ProviderKind

# Fewer are no statistic: their ratio is shown, not judged.
PEERS = 30
DOCS = {module.RULE.name: (module.__doc__ or "").strip() for module in MODULES}
# What a sentence of a rule's docstring begins with when it begins a paragraph: "Ne fait jamais :".
PARAGRAPH = re.compile(r"(?<=\.)\s+(?=[A-ZÀ-Ý][^\n.,;:()]{2,24} : )")


def shown_rules(*, at: datetime) -> dict[str, Any]:
    """Every rule on a line: mode, action, weight, what became of what it saw."""
    day = localdate(at)
    running = rules_in_force(day)
    on = {each.name: each for each in running if not each.is_shadow}
    shadow = {each.name: each for each in running if each.is_shadow}
    known, lost = records(), suspensions()
    return {
        "rules": [
            _line(name, on.get(name), shadow.get(name), known[name], is_lost=name in lost)
            for name in NAMED
        ],
        "lost": [
            {
                "title": rule_title(each.rule),
                "rule": each.rule,
                "holds": each.holds,
                "overturned": each.overturned,
                "at": each.at,
            }
            for each in lost.values()
        ],
        "failing": [rule_title(name) for name in NAMED if known[name].is_failing],
        "not_coded": NOT_CODED,
    }


def _line(
    name: str, now: InForce | None, trial: InForce | None, record: Record, *, is_lost: bool
) -> dict[str, Any]:
    rule = NAMED[name]
    return {
        "name": name,
        "title": rule_title(name),
        "family": family_title(rule.family),
        "kind": str(KINDS[rule.kind]),
        "action": action_label(now.action) if now else action_label("OFF"),
        "weight_bp": now.weight_bp if now else None,
        "version": now.version if now else None,
        "mode": _mode(now, trial, record, is_lost=is_lost),
        "sight": sight(rule),
        "record": record,
    }


def action_label(action: str) -> str:
    """What a rule does, in a word."""
    return str(RuleVersion.Action(action).label)


def _mode(
    now: InForce | None, trial: InForce | None, record: Record, *, is_lost: bool
) -> list[dict[str, str]]:
    """The marks of a rule: on or off, a version on trial, its hold lost, failing."""
    marks = [
        {"state": "paid", "label": _("en service")}
        if now
        else {"state": "offline", "label": _("éteinte")}
    ]
    if trial:
        marks.append({"state": "equal", "label": _("à l’essai")})
    if is_lost:
        marks.append({"state": "held", "label": _("ne suspend plus")})
    if record.is_failing:
        marks.append({"state": "fix", "label": _("en panne")})
    return marks


def shown_rule(name: str, *, user: User, at: datetime) -> dict[str, Any]:
    """One rule's page."""
    rule, day = NAMED[name], localdate(at)
    running = {each.name: each for each in rules_in_force(day) if not each.is_shadow}
    now = running.get(name) or as_it_came(rule, day)
    versions = versions_of(name)
    trial = next((each for each in versions if each.state == RuleState.SHADOW), None)
    return {
        "name": name,
        "title": rule_title(name),
        "family": family_title(rule.family),
        "kind": str(KINDS[rule.kind]),
        "is_fact": rule.kind is Kind.FACT,
        "doc": rule_paragraphs(DOCS[name]),
        "sight": sight(rule),
        "is_on": name in running,
        "action": action_label(now.action if name in running else "OFF"),
        "action_code": now.action,
        "version": now.version,
        "figures": figures_of(now),
        "actions": [
            {"code": code, "label": label}
            for code, label in RuleVersion.Action.choices
            if code != RuleVersion.Action.REFUSE or rule.kind is Kind.FACT
        ],
        "record": records()[name],
        "suspension": suspensions().get(name),
        "trial": _trial(trial, user, day) if trial else None,
        "versions": versions,
        "fairness": _fair(fairness(name), day),
        "fair": fair_bounds(day),
        "can_write": can_work_desk(user) and trial is None,
    }


def rule_paragraphs(doc: str) -> list[str]:
    """A rule's docstring in whole paragraphs; its code, that the page shows already, left out."""
    title, __, rest = doc.partition(": ")[2].partition("\n\n")
    return [" ".join(each.split()) for each in (title, *PARAGRAPH.split(rest)) if each.strip()]


def figures_of(now: InForce) -> list[dict[str, Any]]:
    """The figures of a rule in force, weight first, each with its unit, bounds and source."""
    return _figures(now.name, {WEIGHT: now.weight_bp, **now.figures})


def _figures(rule: str, values: Mapping[str, int]) -> list[dict[str, Any]]:
    known = bounds_of(rule)
    return [shown_figure(rule, name, value) for name, value in values.items() if name in known]


def _trial(version: RuleVersion, user: User, day: date) -> dict[str, Any]:
    """A version in shadow: what it would change, what it saw, and from when it may be switched on."""
    impact = impact_of(version)
    first = localdate(version.prepared_at) + timedelta(days=desk_on(day)["shadow_days"])
    return {
        "version": version,
        "action": action_label(version.action),
        "figures": _figures(version.rule, {WEIGHT: version.weight_bp, **version.thresholds}),
        "impact": impact,
        "groups": _fair(impact["groups"], day),
        "first_day": first,
        "is_ripe": day >= first,
        "can_switch_on": can_switch_on(user, version),
        "can_drop": can_work_desk(user),
        "is_mine": version.prepared_by_id == user.pk,
    }


def fair_bounds(day: date) -> dict[str, str]:
    """Between which ratios a rule is fair, as they are written on its page."""
    figures = desk_on(day)
    return {side: _ratio(figures[f"fair_{side}"]) for side in ("low", "high")}


def _ratio(bp: int) -> str:
    return f"{bp / 10_000:.2f}".replace(".", ",")


def _fair(groups: dict[str, list[dict[str, Any]]], day: date) -> list[dict[str, Any]]:
    """The groups of a watch, with those outside the fair bounds marked."""
    figures = desk_on(day)
    kinds = dict(ProviderKind.choices)
    titles = {"region": _("Par région"), "speciality": _("Par spécialité")}
    return [
        {
            "title": titles[name],
            "rows": [
                {
                    **row,
                    "label": kinds.get(row["group"], row["group"]) or _("non précisé"),
                    "ratio": _ratio(row["ratio_bp"]),
                    "is_fair": row["providers"] < PEERS or is_fair(row["ratio_bp"], figures),
                }
                for row in rows
                if row["flagged"] or len(rows) < 20
            ],
        }
        for name, rows in groups.items()
    ]
