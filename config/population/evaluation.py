"""The rules judged on a population: its files read, its year replayed, its labels opened at the end."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from config.population import metrics
from config.population.lists import keep_lists
from config.population.metrics import History
from config.population.reading import read_labels, read_population
from config.population.replay import STEP_DAYS, Figures, Trace, replay
from fraud.gateways.warehouse import Warehouse
from fraud.rules import thresholds
from fraud.rules.score import Verdict

_CLAIMS = """
    SELECT c.claim, c.provider, c.member, CAST(c.submitted_at AS DATE) AS day,
        coalesce(sum(l.charged), 0) AS amount
    FROM claims c LEFT JOIN claim_lines l ON l.claim = c.claim GROUP BY ALL ORDER BY c.claim"""
Told = dict[str, Any]


def evaluate(
    folder: Path,
    *,
    until: date | None = None,
    step_days: int = STEP_DAYS,
    tell: Callable[[str], None] = lambda _line: None,
) -> Told:
    """Judge the rules on the files of a folder; without labels, only shares are told.

    Raises the `ImportRefused` of `read_population` for a folder that cannot be read.
    """
    began = time.monotonic()
    with Warehouse() as house:
        reading = read_population(folder, house.connection, tell=tell)
        keep_lists(house)
        trace = replay(house, _figures(house), until=until, step_days=step_days, tell=tell)
        claims = house.connection.execute(_CLAIMS).fetchall()
    frame = pd.DataFrame(claims, columns=["claim", "provider", "member", "day", "amount"])
    if until:
        frame = frame[frame["day"] <= until]
    told = {
        "step_days": step_days,
        "population": {**reading.rows, "broken": [str(each) for each in reading.broken]},
        **shares(trace),
    }
    labels = read_labels(folder)
    if labels is not None:
        told |= judged(History(frame, labels[0]), trace)
        told |= _odd(folder, trace)
    return {**told, "seconds": round(time.monotonic() - began, 1)}


def _figures(house: Warehouse) -> Figures:
    """The thresholds of the last day of the history: one set for the whole of it."""
    last = house.connection.execute("SELECT max(CAST(submitted_at AS DATE)) FROM claims").fetchall()
    return thresholds.load().at(last[0][0] or date.min)


def shares(trace: Trace) -> Told:
    """What needs no label: how many claims are stopped or read, how many files are opened."""
    verdicts = Counter(sent.verdict for sent in trace.sent.values())
    stopped = verdicts[Verdict.HOLD] + verdicts[Verdict.REFUSE]
    return {
        "claims": trace.claims,
        "review_share": metrics.share(len(trace.sent), trace.claims),
        "held_share": metrics.share(stopped, trace.claims),
        "verdicts": {str(name): count for name, count in sorted(verdicts.items())},
        "files": dict(Counter(kind for kind, _ in trace.files)),
        "alarms": len(trace.alarms),
    }


def judged(history: History, trace: Trace) -> Told:
    """What the labels say of a replay, by the keys of the issue."""
    found = metrics.instances(history, trace)
    recall, precision = metrics.facts(history, trace)
    money, money_with_files = metrics.money(history, trace)
    guilty, ranking = metrics.guilty(history), metrics.ranked(trace, history)
    labelled = set(history.labels["claim"]) - {""}
    honest_filed = sum(kind == "provider" and name not in guilty for kind, name in trace.files)
    providers = history.claims["provider"].nunique()
    days = history.claims["day"]
    middle = days.min() + timedelta(days=(days.max() - days.min()).days // 2)
    return {
        "facts_recall": recall,
        "facts_precision": precision,
        "schemes_recall": metrics.share(sum(each.in_time for each in found), len(found)),
        "precision_at_100": metrics.precision_at(ranking, guilty),
        "precision_at_100_by_amount": metrics.precision_at(metrics.by_amount(history), guilty),
        "guilty_providers": len(guilty),
        "by_scheme": metrics.recall_by_scheme(found),
        "by_rule": metrics.by_rule(history, trace, found),
        "halves": metrics.halves(found, middle),
        "days_to_detection": metrics.days_to_detection(found),
        "review_precision": metrics.share(len(labelled & set(trace.sent)), len(trace.sent)),
        "money_recall": money,
        "money_recall_with_files": money_with_files,
        "honest_files_per_1000": metrics.share(1_000 * honest_filed, providers),
        "missed": [each.name for each in found if not each.in_time],
    }


def _odd(folder: Path, trace: Trace) -> Told:
    """Honest things that look like schemes: whose money was stopped, who has a file."""
    path = folder / "oddities.csv"
    if not path.exists():
        return {"honest_oddities": None, "honest_oddities_held": None}
    odd = pd.read_csv(path, dtype=str, keep_default_na=False)
    claims = odd[odd["claim"] != ""]
    by_kind = {
        str(kind): metrics.held(trace, rows["claim"]) for kind, rows in claims.groupby("oddity")
    }
    filed = [("provider", who) in trace.files for who in odd["provider"].unique() if who]
    return {
        "honest_oddities": int(claims["claim"].nunique()),
        "honest_oddities_held": metrics.held(trace, claims["claim"]),
        "honest_oddities_by_kind": {kind: count for kind, count in by_kind.items() if count},
        "honest_oddities_with_a_file": sum(filed),
    }
