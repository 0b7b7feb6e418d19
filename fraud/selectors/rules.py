"""The rules in force and in shadow, with their figures; their record; what their shadow shows."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef

from claims.models import Claim
from fraud.models import (
    Alarm,
    CaseDecision,
    HoldDecision,
    NightRun,
    NightStep,
    RuleSuspension,
    RuleVersion,
    Signal,
)
from fraud.rules.catalogue import RULES
from fraud.rules.precision import Record
from fraud.rules.rule import Action, Kind, Rule
from fraud.rules.score import Mark
from fraud.rules.thresholds import FILE, WEIGHT, Threshold, load
from fraud.selectors.nights import last_night
from fraud.states import RuleState
from providers.models import Provider

NAMED: dict[str, Rule] = {rule.name: rule for rule in RULES}
LIMITS = "SCORE"
DESK = "DESK"
FIGURES = load()
DESK_FIGURES = load(FILE.with_name("desk.yaml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class InForce:
    """A rule as it runs now: version, figures, weight in basis points, and what it may do.

    `holds` is false once the version lost its right to hold (RuleSuspension).
    """

    rule: Rule
    version: int
    figures: Mapping[str, int]
    weight_bp: int
    action: str
    is_shadow: bool = False
    holds: bool = True

    @property
    def name(self) -> str:
        return self.rule.name

    def mark(self, strength_bp: int) -> Mark:
        """What it gives to a score. A fact that may only flag weighs as a statistic does."""
        action = Action.FLAG if not self.holds else Action(self.action)
        kind = Kind.STATISTIC if action == Action.FLAG else self.rule.kind
        return Mark(
            self.name, self.rule.family, kind, action, self.rule.level, self.weight_bp, strength_bp
        )

    def stored(self) -> dict[str, Any]:
        """What a night run keeps of it."""
        return {
            "version": self.version,
            "figures": dict(self.figures),
            "weight": self.weight_bp,
            "action": self.action,
            "shadow": self.is_shadow,
            "holds": self.holds,
        }


def limits_on(day: date) -> dict[str, int]:
    """The limits of the score in force on a day: sample, hold, file in bp, file_facts in claims."""
    return {name: each.at(day) for name, each in FIGURES.figures[LIMITS].items()}


def desk_on(day: date) -> dict[str, int]:
    """The figures of the desk in force on a day: breaker, fairness, quiet days."""
    return {name: each.at(day) for name, each in DESK_FIGURES.figures[DESK].items()}


def bounds_of(rule: str) -> Mapping[str, Threshold]:
    """The figures a rule has, with unit, bounds and source; its weight among them."""
    return FIGURES.figures[rule]


def as_it_came(rule: Rule, day: date) -> InForce:
    """Version 0 of a rule: the figures of the file that comes with the code."""
    figures = {name: each.at(day) for name, each in bounds_of(rule.name).items()}
    weight = figures.pop(WEIGHT)
    return InForce(rule, 0, figures, weight, str(rule.action))


def rules_in_force(day: date) -> list[InForce]:
    """Every rule that runs: those on, then those in shadow; in the catalogue's order, 2 queries."""
    written = RuleVersion.objects.filter(state__in=[RuleState.ON, RuleState.SHADOW], rule__in=NAMED)
    kept: dict[tuple[str, bool], RuleVersion] = {
        (each.rule, each.state == RuleState.SHADOW): each for each in written
    }
    suspended = set(RuleSuspension.objects.values_list("rule", "version"))
    on, shadow = [], []
    for rule in NAMED.values():
        version = kept.get((rule.name, False))
        now = _of(version, rule, day) if version else as_it_came(rule, day)
        if now.action != RuleVersion.Action.OFF:
            on.append(_without_hold(now) if (rule.name, now.version) in suspended else now)
        if trial := kept.get((rule.name, True)):
            shadow.append(_of(trial, rule, day))
    return on + [each for each in shadow if each.action != RuleVersion.Action.OFF]


def _of(version: RuleVersion, rule: Rule, day: date) -> InForce:
    """A version written before a figure was named takes that figure as the code brings it."""
    came = as_it_came(rule, day).figures
    return InForce(
        rule,
        version.n,
        {name: version.thresholds.get(name, value) for name, value in came.items()},
        version.weight_bp,
        version.action,
        is_shadow=version.state == RuleState.SHADOW,
    )


def _without_hold(now: InForce) -> InForce:
    return InForce(
        now.rule, now.version, now.figures, now.weight_bp, now.action, now.is_shadow, holds=False
    )


def in_force(name: str, day: date) -> InForce | None:
    """One rule as it runs now, or None when it is off."""
    return next((r for r in rules_in_force(day) if r.name == name and not r.is_shadow), None)


def versions_of(rule: str) -> list[RuleVersion]:
    """The versions of a rule, the last first."""
    rows = RuleVersion.objects.filter(rule=rule).select_related("prepared_by", "approved_by")
    return list(rows.order_by("-n"))


def suspensions() -> dict[str, RuleSuspension]:
    """The rules whose version in force lost its right to hold, by name."""
    on = dict(RuleVersion.objects.filter(state=RuleState.ON).values_list("rule", "n"))
    return {
        each.rule: each
        for each in RuleSuspension.objects.order_by("at")
        if on.get(each.rule, 0) == each.version
    }


def records(since: datetime | None = None) -> dict[str, Record]:
    """What became of each rule: signals, holds ended and overturned, cases confirmed and not."""
    held, overturned = hold_ends(since)
    confirmed, unfounded = _case_ends()
    signals: Counter[str] = Counter()
    for table, name in ((Signal, "detector"), (Alarm, "rule")):
        rows = table.objects.filter(is_shadow=False).values(name).annotate(n=Count("id"))
        signals.update({row[name]: row["n"] for row in rows})
    failing = _failing()
    return {
        name: Record(
            signals=signals[name],
            holds=held[name],
            overturned=overturned[name],
            confirmed=confirmed[name],
            unfounded=unfounded[name],
            is_failing=name in failing,
        )
        for name in {*NAMED, *signals}
    }


def _failing() -> set[str]:
    """Rules that failed on a claim since the last night began, or the last night they ran."""
    failed, night = Signal.objects.filter(evidence__has_key="failed"), last_night()
    if night is not None:
        failed = failed.filter(seen_at__gte=night.started_at)
    steps = NightStep.objects.filter(run__state="DONE").order_by("name", "-run__started_at")
    return {
        *failed.values_list("detector", flat=True).distinct(),
        *(
            name.partition(":")[2]
            for name, error in steps.distinct("name").values_list("name", "error")
            if error
        ),
    }


def hold_ends(
    since: datetime | None = None, versions: Mapping[str, int] | None = None
) -> tuple[Counter[str], Counter[str]]:
    """Holds that people ended, by rule, and among them those they released.

    A hold of several rules counts for each. `versions` keeps to the signals of these versions only.
    """
    people = HoldDecision.objects.exclude(verdict=HoldDecision.Verdict.EXPIRED)
    if since is not None:
        people = people.filter(decided_at__gte=since)
    verdicts: dict[Any, str] = dict(people.order_by("decided_at").values_list("claim", "verdict"))
    rows = Signal.objects.filter(claim__in=verdicts, is_shadow=False).exclude(
        evidence__has_key="failed"
    )
    ended: Counter[str] = Counter()
    overturned: Counter[str] = Counter()
    for claim, name, version in rows.values_list("claim", "detector", "version").distinct():
        if versions is not None and versions.get(name, 0) != version:
            continue
        ended[name] += 1
        overturned[name] += verdicts[claim] == HoldDecision.Verdict.RELEASED
    return ended, overturned


def _case_ends() -> tuple[Counter[str], Counter[str]]:
    """Cases decided, by rule of their alarms: confirmed, unfounded; the last decision of each."""
    last: dict[Any, str] = dict(
        CaseDecision.objects.order_by("at", "id").values_list("case", "verdict")
    )
    confirmed: Counter[str] = Counter()
    unfounded: Counter[str] = Counter()
    items = Alarm.objects.filter(item__case__in=last).values_list("item__case", "rule")
    signals = Signal.objects.filter(item__case__in=last).values_list("item__case", "detector")
    for case, name in {*items, *signals}:
        is_fraud = last[case] == CaseDecision.Verdict.CONFIRMED
        (confirmed if is_fraud else unfounded)[name] += 1
    return confirmed, unfounded


def impact_of(version: RuleVersion) -> dict[str, Any]:
    """What a version in shadow has seen since it was written, by region and speciality."""
    flagged = _flagged(rule=version.rule, version=version.n, is_shadow=True)
    claims = Signal.objects.filter(detector=version.rule, version=version.n, is_shadow=True)
    return {
        "alarms": Alarm.objects.filter(
            rule=version.rule, version=version.n, is_shadow=True
        ).count(),
        "claims": claims.values("claim").distinct().count(),
        "screened": Claim.objects.filter(screening__screened_at__gte=version.prepared_at).count(),
        "nights": _nights_since(version.prepared_at),
        "providers": len(flagged),
        "groups": _groups(flagged),
    }


def fairness(rule: str) -> dict[str, list[dict[str, Any]]]:
    """The rate of providers a rule in force saw, by region and speciality, against the whole."""
    return _groups(_flagged(rule=rule, is_shadow=False))


def _flagged(*, rule: str, is_shadow: bool, version: int | None = None) -> set[Any]:
    asked: dict[str, Any] = {"is_shadow": is_shadow}
    if version is not None:
        asked["version"] = version
    seen = set(
        Alarm.objects.filter(rule=rule, provider__isnull=False, **asked).values_list(
            "provider", flat=True
        )
    )
    seen |= set(
        Alarm.objects.filter(rule=rule, other__isnull=False, **asked).values_list(
            "other", flat=True
        )
    )
    return seen | set(
        Signal.objects.filter(detector=rule, **asked).values_list("claim__provider", flat=True)
    )


def _nights_since(moment: datetime) -> int:
    return NightRun.objects.filter(state="DONE", started_at__gte=moment).count()


def _groups(flagged: set[Any]) -> dict[str, list[dict[str, Any]]]:
    """Shares by region and by speciality of who bills; ratios in basis points of the whole's rate."""
    billing = list(
        Provider.objects.filter(Exists(Claim.objects.filter(provider=OuterRef("pk")))).values_list(
            "id", "speciality", "kind", *REGION
        )
    )
    by_region: dict[str, list[bool]] = defaultdict(list)
    by_speciality: dict[str, list[bool]] = defaultdict(list)
    for key, speciality, kind, *names in billing:
        region = next((name for name in names if name), "")
        by_region[region].append(key in flagged)
        by_speciality[speciality or kind].append(key in flagged)
    return {
        "region": _shares(by_region, len(billing)),
        "speciality": _shares(by_speciality, len(billing)),
    }


# The region of a provider's territory: itself, its parent, or its parent's parent.
REGION = (
    "territory__parent__parent__name_fr",
    "territory__parent__name_fr",
    "territory__name_fr",
)


def _shares(groups: Mapping[str, list[bool]], providers: int) -> list[dict[str, Any]]:
    flagged = sum(sum(each) for each in groups.values())
    rows = []
    for name, seen in sorted(groups.items()):
        expected = flagged * len(seen)
        ratio = (10_000 * sum(seen) * providers + expected // 2) // expected if expected else 0
        rows.append(
            {"group": name, "providers": len(seen), "flagged": sum(seen), "ratio_bp": ratio}
        )
    return rows
