"""The table of a bench: each figure beside its target, met or not, and what the machine was."""

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from config.bench.measuring import FOREIGN_SHARE

Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """One figure of the table: what is promised, and whether the figures keep it."""

    key: str
    title: str
    promise: str
    is_met: Callable[[Figures], bool]


def _at_least(key: str, title: str, least: float) -> Target:
    return Target(key, title, f"≥ {least:g}", lambda told: told[key] >= least)


def _at_most(key: str, title: str, most: float, unit: str = "") -> Target:
    return Target(key, title, f"≤ {most:g}{unit}", lambda told: told[key] <= most)


SETTLE = (
    _at_least("ratio_floor", "batch, 1 worker, against the floor", 0.40),
    _at_least("ratio_sql", "batch, 1 worker, against all-SQL", 0.60),
    _at_least("ratio_naive", "batch against the naive way", 100),
    _at_most("cpu_us", "CPU a claim, client and database", 400, " µs"),
    _at_least("ratio_two_workers", "two workers against one", 1.4),
    _at_most("statements", "statements a batch", 14),
    _at_most("commits", "commits a batch", 1),
    _at_most("peak_mb", "memory of a worker at 5,000 claims", 200, " MB"),
    _at_most("wal_bytes", "write-ahead log a claim", 3000, " B"),
    _at_most("stored_bytes", "stored a claim", 2500, " B"),
    _at_least("hot_share", "updates of the claim in its page (HOT)", 0.95),
    _at_least("ratio_history_10x", "rate with 10 times the history", 0.8),
    Target(
        "lines_equal",
        "lines alike: single, batch, two workers, SQL",
        "every line",
        lambda told: told["lines_equal"] == told["lines"],
    ),
    _at_least("lines_at_a_ceiling", "lines at a ceiling or a frequency", 0.05),
)
SUBMIT = (
    _at_most("p95_ratio", "POST of a claim, p95 against a bare commit", 7),
    Target("p99_ratio", "p99 against a bare commit", "shown", lambda _told: True),
    Target("rate_ratio", "rate against a bare commit", "shown", lambda _told: True),
    _at_most("statements", "statements a POST", 10),
    _at_most("round_trips", "round trips a POST", 4),
)

SAFETY = (
    _at_most("p95_ratio", "check of 8 medicines, p95 against SELECT 1", 12),
    Target("median_ratio", "median against SELECT 1", "shown", lambda _told: True),
    Target("check_median_ms", "median of a check, ms", "shown", lambda _told: True),
    Target("check_p95_ms", "p95 of a check, ms", "shown", lambda _told: True),
)

FRAUD = (
    _at_most(
        "increment_of_full",
        "one day's increment (mean of a week's nights) against the full run",
        0.03,
    ),
    _at_most("full_of_sql", "full run against the same rules in plain SQL", 0.5),
    Target("increment_of_full_cpu", "the same by CPU", "shown", lambda _told: True),
    Target("dearest_increment_of_full", "the dearest night of a week", "shown", lambda _told: True),
    Target(
        "increment_every_rule_of_full", "a night when every rule runs", "shown", lambda _told: True
    ),
    Target("full_of_read", "full run against one sequential read", "shown", lambda _told: True),
    Target("increment_of_read", "increment against one sequential read", "shown", lambda _t: True),
    Target("screening_share", "screening a claim, of adjudication", "shown", lambda _told: True),
    Target("screening_share_cpu", "the same by CPU", "shown", lambda _told: True),
    Target("screening_statements", "statements a batch of screening", "shown", lambda _t: True),
    Target("peak_mb", "memory of the warehouse's process, MB", "shown", lambda _told: True),
    Target(
        "same_alarms", "both engines raise as many alarms", "yes", lambda told: told["same_alarms"]
    ),
)


def machine(server: Mapping[str, str]) -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **server,
    }


def show(told: Figures, targets: tuple[Target, ...], console: Console) -> None:
    """Print the table, the rounds, and the machine."""
    table = Table(title="Figure, target, measured")
    for column in ("Figure", "Target", "Measured", "Met"):
        table.add_column(column)
    for target in targets:
        met = "yes" if target.is_met(told) else "NO"
        table.add_row(target.title, target.promise, _plain(told[target.key]), met)
    console.print(table)
    console.print(_rounds(told["rounds"]))
    if told.get("cpu_ratios"):
        by_cpu = (f"{name} {ratio}" for name, ratio in told["cpu_ratios"].items())
        console.print("The same ratios by CPU: " + ", ".join(by_cpu))
    console.print(", ".join(f"{name} {value}" for name, value in told["machine"].items()))
    if "quiet_rounds" in told and told["quiet_rounds"] < len(told["rounds"]):
        console.print(
            f"Others took more than {FOREIGN_SHARE:.0%} of the machine in"
            f" {len(told['rounds']) - told['quiet_rounds']} of {len(told['rounds'])} rounds:"
            " these are left out of the medians, unless no round was quiet."
        )
    if told["machine"].get("fsync") != "on":
        console.print(
            "fsync is off on this server: commits cost less here than they do in service."
        )


def _plain(value: Any) -> str:
    return f"{value:,.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"


def _rounds(rounds: Sequence[Figures]) -> Table:
    """A row a measure, a column a round."""
    table = Table(title="Rounds")
    table.add_column("")
    for number, _round in enumerate(rounds, start=1):
        table.add_column(str(number), justify="right")
    flat = [_flat(each) for each in rounds]
    for name in flat[0]:
        table.add_row(name, *(each[name] for each in flat))
    return table


def _flat(told: Figures) -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in told.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}, {each}": _plain(number) for each, number in value.items()}
        else:
            flat[name] = _plain(value)
    return flat
