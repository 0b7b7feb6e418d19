"""The rules desk: one person writes a version, which runs in shadow; another one switches it on."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import audit, transitions
from core.errors import DomainError
from fraud.models import RuleVersion
from fraud.permissions import check_can_switch_on, check_can_work_desk
from fraud.rules.rule import Kind, Rule
from fraud.rules.thresholds import WEIGHT, Threshold
from fraud.selectors.rules import NAMED, as_it_came, bounds_of, desk_on, impact_of, in_force
from fraud.services._refusals import ReasonMissing
from fraud.states import RuleState

S = RuleState


class RuleUnknown(DomainError):
    code = "RULE_UNKNOWN"
    status = 404
    message = _("La règle %(rule)s n’existe pas. Rien n’a été enregistré.")


class ThresholdRefused(DomainError):
    """A figure outside its bounds; the answer names the figure and the bound."""

    code = "THRESHOLD_REFUSED"
    status = 422
    message = _(
        "%(name)s : %(value)s est hors des bornes, de %(minimum)s à %(maximum)s (%(unit)s). "
        "Rien n’a été enregistré."
    )


class StatisticNeverRefuses(DomainError):
    """Only a fact may refuse."""

    code = "STATISTIC_NEVER_REFUSES"
    status = 422
    message = _("%(rule)s est une statistique : elle signale ou suspend, elle ne rejette jamais.")


class RuleUnchanged(DomainError):
    """The version says what is in force."""

    code = "RULE_UNCHANGED"
    status = 422
    message = _("Cette version dit ce que dit déjà celle en service. Rien n’a été enregistré.")


class ShadowUnderWay(DomainError):
    """One version of a rule in shadow at a time."""

    code = "SHADOW_UNDER_WAY"
    message = _(
        "Une version de cette règle est déjà à l’essai. Mettez-la en service ou abandonnez-la d’abord ; "
        "la vôtre n’a pas été enregistrée."
    )


class ShadowTooShort(DomainError):
    """The trial has not lasted long enough, or has seen nothing yet."""

    code = "SHADOW_TOO_SHORT"
    message = _(
        "Cette version est à l’essai jusqu’au %(day)s au moins, et doit avoir vu un passage de nuit ou des "
        "demandes. Rien n’a été modifié."
    )


def draft_rule(
    *,
    rule: str,
    thresholds: Mapping[str, int],
    weight_bp: int,
    action: str,
    reason: str,
    by: User,
    at: datetime,
) -> RuleVersion:
    """Write a version of a rule; it runs in shadow: it records what it sees and does nothing.

    Raises FraudDeskNotYours, RuleUnknown, ThresholdRefused, StatisticNeverRefuses, RuleUnchanged,
    ReasonMissing, ShadowUnderWay.
    """
    check_can_work_desk(by)
    known = NAMED.get(rule)
    if known is None:
        raise RuleUnknown(rule=rule)
    if not reason.strip():
        raise ReasonMissing(pointer="/reason")
    figures = _checked(known, thresholds, weight_bp, action, at=at)
    last = RuleVersion.objects.filter(rule=rule).order_by("-n").first()
    version = RuleVersion(
        rule=rule,
        n=last.n + 1 if last else 1,
        thresholds=figures,
        weight_bp=weight_bp,
        action=action,
        state=S.SHADOW,
        reason=reason.strip(),
        prepared_by=by,
        prepared_at=at,
    )
    with transaction.atomic():
        _save(version)
        transitions.born(version, by=by, at=at)
        _record("written", version, by=by, at=at)
    return version


def _save(version: RuleVersion) -> None:
    try:
        with transaction.atomic():
            version.save(force_insert=True)
    except IntegrityError:
        raise ShadowUnderWay from None


def _checked(
    rule: Rule, thresholds: Mapping[str, int], weight_bp: int, action: str, *, at: datetime
) -> dict[str, int]:
    """The figures of a version, complete and within their bounds."""
    day = localdate(at)
    running = in_force(rule.name, day)
    now = running or as_it_came(rule, day)
    figures = {**now.figures, **thresholds}
    bounds = bounds_of(rule.name)
    for name, value in {**figures, WEIGHT: weight_bp}.items():
        _check(name, bounds.get(name), value)
    if action == RuleVersion.Action.REFUSE and rule.kind is Kind.STATISTIC:
        raise StatisticNeverRefuses(rule=rule.name)
    is_same = (figures, weight_bp, action) == (dict(now.figures), now.weight_bp, now.action)
    if running and is_same and running.holds:
        raise RuleUnchanged
    return figures


def _check(name: str, bound: Threshold | None, value: int) -> None:
    if bound is None:
        raise ThresholdRefused(name=name, value=value, minimum="-", maximum="-", unit="-")
    if not bound.minimum <= value <= bound.maximum:
        raise ThresholdRefused(
            pointer=f"/thresholds/{name}",
            name=name,
            value=value,
            minimum=bound.minimum,
            maximum=bound.maximum,
            unit=bound.unit,
        )


def switch_on_rule(*, version: RuleVersion, by: User, at: datetime) -> None:
    """Put a version in force in the place of the one before it; its impact is kept with it.

    Raises FraudDeskNotYours, RuleFourEyes, ShadowTooShort, TransitionRefused.
    """
    with transaction.atomic():
        version.refresh_from_db(from_queryset=RuleVersion.objects.select_for_update())
        check_can_switch_on(by, version)
        if version.state != S.SHADOW:
            raise transitions.TransitionRefused(state=version.get_state_display())
        impact = impact_of(version)
        _check_seen(version, impact, at=at)
        before = RuleVersion.objects.filter(rule=version.rule, state=S.ON)
        transitions.move_all(list(before), S.RETIRED, by=by, at=at)
        transitions.move(version, S.ON, by=by, at=at, approved_by=by, valid_from=at, impact=impact)
        _record("switched_on", version, by=by, at=at)


def _check_seen(version: RuleVersion, impact: Mapping[str, int], *, at: datetime) -> None:
    days = desk_on(localdate(at))["shadow_days"]
    first = localdate(version.prepared_at) + timedelta(days=days)
    if localdate(at) < first or not (impact["nights"] or impact["screened"]):
        raise ShadowTooShort(day=f"{first:%d/%m/%Y}")


def drop_rule(*, version: RuleVersion, reason: str, by: User, at: datetime) -> None:
    """Give a version in shadow up. Raises FraudDeskNotYours, ReasonMissing, TransitionRefused."""
    check_can_work_desk(by)
    if not reason.strip():
        raise ReasonMissing(pointer="/reason")
    with transaction.atomic():
        transitions.move(version, S.DROPPED, by=by, at=at, reason=reason.strip())
        _record("dropped", version, by=by, at=at)


def _record(deed: str, version: RuleVersion, *, by: User, at: datetime) -> None:
    audit.record(
        by=by,
        at=at,
        action=f"fraud.rule.{deed}",
        subject=version,
        after={
            "rule": version.rule,
            "n": version.n,
            "thresholds": version.thresholds,
            "weight_bp": version.weight_bp,
            "action": version.action,
            "reason": version.reason,
        },
    )
