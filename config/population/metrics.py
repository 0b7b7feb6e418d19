"""What a replay is worth: recall, precision and delay against the labels. Pure functions over frames.

Definitions are those of docs/populations.md. Shares are fractions of one; None where there is nothing to
divide by. Labels are read here and nowhere else.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd

from config.population.columns import FACTS
from config.population.replay import Trace
from fraud.gateways.warehouse import Alarm
from fraud.rules.score import Verdict

WITHIN_DAYS: Final = 60
TENTH, THIRD = 10, 3
TOP: Final = 100
_STOPPED = (Verdict.REFUSE, Verdict.HOLD)


@dataclass(slots=True)
class Instance:
    """One scheme at work: its lines, who does it, when it began and by when it must be found."""

    scheme: str
    name: str
    claims: set[str] = field(default_factory=set)
    providers: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    began: date | None = None
    deadline: date | None = None
    found: date | None = None

    @property
    def in_time(self) -> bool:
        """Whether it was found before its deadline."""
        return bool(self.found and self.deadline and self.found <= self.deadline)


@dataclass(frozen=True, slots=True)
class History:
    """What metrics need of a population: claims (claim, provider, member, day, amount), labels."""

    claims: pd.DataFrame
    labels: pd.DataFrame


def instances(history: History, trace: Trace) -> list[Instance]:
    """Every labelled instance with the day on which it was found, if it was."""
    submitted = dict(zip(history.claims["claim"], history.claims["day"], strict=True))
    seen = {claim: sent.day for claim, sent in trace.sent.items()}
    made = []
    for (scheme, name), rows in history.labels.groupby(["scheme", "instance"], sort=True):
        each = Instance(str(scheme), str(name))
        each.claims = set(rows["claim"]) - {""}
        each.providers = _named(rows, "provider")
        each.members = _named(rows, "member") if not each.providers else set()
        days = sorted(submitted[row] for row in rows["claim"] if row in submitted)
        if days:
            nth = THIRD if each.scheme in FACTS else TENTH
            each.began = days[0]
            each.deadline = days[min(nth, len(days)) - 1] + timedelta(days=WITHIN_DAYS)
        each.found = _found(each, seen, trace)
        made.append(each)
    return made


def _named(rows: pd.DataFrame, column: str) -> set[str]:
    """Those accused by a row without a claim; failing that, those the rows name."""
    accused = set(rows.loc[rows["claim"] == "", column]) - {""}
    return accused or set(rows[column]) - {""}


def _found(each: Instance, seen: dict[str, date], trace: Trace) -> date | None:
    """The first day one of its claims was sent, or a file opened on one of its actors."""
    days = [seen[claim] for claim in each.claims if claim in seen]
    actors = [("provider", who) for who in each.providers]
    actors += [("member", who) for who in each.members]
    days += [trace.files[actor] for actor in actors if actor in trace.files]
    late_enough = [day for day in days if each.began is None or day >= each.began]
    return min(late_enough, default=None)


def share(part: int, whole: int) -> float | None:
    """A part of a whole to six decimals; None of nothing."""
    return round(part / whole, 6) if whole else None


def facts(history: History, trace: Trace) -> tuple[float | None, float | None]:
    """Recall and precision of facts, counted over claims. Any labelled claim seen is a true one."""
    seen = trace.facts()
    labelled = set(history.labels["claim"]) - {""}
    of_fact = set(history.labels.loc[history.labels["scheme"].isin(FACTS), "claim"]) - {""}
    of_fact &= set(history.claims["claim"])
    return share(len(seen & of_fact), len(of_fact)), share(len(seen & labelled), len(seen))


def recall_by_scheme(found: Iterable[Instance]) -> dict[str, float | None]:
    """The share of the instances of each scheme found in time."""
    by: dict[str, list[Instance]] = {}
    for each in found:
        by.setdefault(each.scheme, []).append(each)
    return {
        name: share(sum(i.in_time for i in mine), len(mine)) for name, mine in sorted(by.items())
    }


def days_to_detection(found: Iterable[Instance]) -> dict[str, float | None]:
    """The median delay from the first line, by scheme, of instances found at all."""
    by: dict[str, list[int]] = {}
    for each in found:
        if each.found and each.began:
            by.setdefault(each.scheme, []).append((each.found - each.began).days)
    return {name: float(pd.Series(days).median()) for name, days in sorted(by.items())}


def guilty(history: History) -> set[str]:
    """Professionals some label names."""
    return set(history.labels["provider"]) - {""}


def precision_at(ranking: list[str], guilty_ones: set[str], top: int = TOP) -> float | None:
    """The share of guilty ones among the first of a list."""
    return share(sum(who in guilty_ones for who in ranking[:top]), top)


def ranked(trace: Trace, history: History) -> list[str]:
    """Professionals by their highest score, then by amount: what the plain sort alone leaves open."""
    amounts = by_amount(history)
    return sorted(amounts, key=lambda who: -trace.highest.get(who, 0))


def by_amount(history: History) -> list[str]:
    """The plain sort: professionals by what they charged in all."""
    totals = history.claims.groupby("provider")["amount"].sum()
    return [str(who) for who in totals.sort_values(ascending=False, kind="stable").index]


def money(history: History, trace: Trace) -> tuple[float | None, float | None]:
    """The part of labelled money on claims that were sent, and with it that of actors with a file."""
    fraud = history.claims[history.claims["claim"].isin(set(history.labels["claim"]) - {""})]
    sent = fraud["claim"].isin(trace.sent)
    filed = [("provider", who) in trace.files for who in fraud["provider"]]
    filed_members = [("member", who) in trace.files for who in fraud["member"]]
    either = (
        sent | pd.Series(filed, index=fraud.index) | pd.Series(filed_members, index=fraud.index)
    )
    total = int(fraud["amount"].sum())
    return share(int(fraud["amount"][sent].sum()), total), share(
        int(fraud["amount"][either].sum()), total
    )


def by_rule(history: History, trace: Trace, found: list[Instance]) -> dict[str, dict[str, Any]]:
    """Of each rule: alarms, the share that is about something labelled, instances it touches."""
    claims = set(history.labels["claim"]) - {""}
    actors = guilty(history) | (set(history.labels["member"]) - {""})
    told: dict[str, list[Alarm]] = {}
    for _, alarm in trace.alarms:
        told.setdefault(alarm.rule, []).append(alarm)
    return {
        rule: {
            "alarms": len(mine),
            "precision": share(sum(_right(a, claims, actors) for a in mine), len(mine)),
            "instances": sum(_touches(mine, each) for each in found),
            "recall": share(sum(_touches(mine, each) for each in found), len(found)),
        }
        for rule, mine in sorted(told.items())
    }


def _right(alarm: Alarm, claims: set[str], actors: set[str]) -> bool:
    if alarm.claim:
        return alarm.claim in claims
    return bool({alarm.provider, alarm.member, alarm.other} & actors)


def _touches(alarms: list[Alarm], each: Instance) -> bool:
    whom = each.providers | each.members
    return any(
        a.claim in each.claims if a.claim else bool({a.provider, a.member, a.other} & whom)
        for a in alarms
    )


def halves(found: list[Instance], middle: date) -> dict[str, float | None]:
    """Recall on each half of the professionals, and of the year."""
    parts: dict[str, list[Instance]] = {"even": [], "odd": [], "first": [], "second": []}
    for each in found:
        actor = min(each.providers | each.members, default=each.name)
        parts["even" if sum(actor.encode()) % 2 == 0 else "odd"].append(each)
        if each.began:
            parts["first" if each.began < middle else "second"].append(each)
    return {
        name: share(sum(each.in_time for each in mine), len(mine)) for name, mine in parts.items()
    }


def held(trace: Trace, claims: Iterable[str]) -> int:
    """How many of these claims had their money stopped."""
    return sum(c in trace.sent and trace.sent[c].verdict in _STOPPED for c in set(claims))
