"""The drill from the first server to the report: found a country, live a day, settle, compare."""

import argparse
import json
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from random import Random
from typing import Any

from playwright.sync_api import sync_playwright

from config.drill.cast import last_line, started
from config.embedded.addresses import Place
from config.offline_drill.browsers import PageGone, Refused
from config.offline_drill.day import Day, posts_of
from config.offline_drill.evening import Evening
from config.offline_drill.faults import Faults
from config.offline_drill.site import BROKEN, Site, site

HOUSEHOLDS = 40
FAULTS_PERCENT = 40
SENDING_PERCENT = 15
WITHOUT = (
    *("lost", "double", "out_of_order", "ledger_sum", "double_paid", "amounts_changed"),
    *("refused", "set_aside"),
)


class Saying:
    """Says each thing with the seconds since the start."""

    def __init__(self) -> None:
        self.begun = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return round(time.monotonic() - self.begun, 1)

    def __call__(self, line: str) -> None:
        print(f"{self.seconds:7.1f} s  {line}", flush=True)


def drill(place: Place, options: argparse.Namespace) -> int:
    """Live the day, write the report, print it, and return an exit status."""
    # Playwright keeps an event loop in this thread; the ORM calls here are not inside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    say = Saying()
    with site(place, seed=options.seed, doctors=1, households=HOUSEHOLDS) as ours:
        say("servers, country, web server, worker and scheduler ready")
        broken = started(place, "-m", "config.offline_drill", "broken", database=BROKEN)
        with sync_playwright() as playwright:
            doctor, pharmacies = posts_of(ours, playwright)
            day = Day(ours, Random(options.seed), doctor, pharmacies)
            faults = Faults(day, Random(f"{options.seed} faults"))
            try:
                _live(day, faults, options.steps, say)
                evening = Evening(day, say)
                evening.settle(faults)
            finally:
                for post in day.posts:
                    post.close()
        report = _report(ours, day, faults, evening, last_line(broken))
    report = {"seed": options.seed, "steps": options.steps, **report, "seconds": say.seconds}
    return written(report, options)


def written(report: dict[str, Any], options: argparse.Namespace) -> int:
    """Write and print a report; return an exit status."""
    options.report.write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report, indent=1))
    failed = failures(report)
    for line in failed:
        print(f"FAILED: {line}")
    return 1 if failed else 0


def failures(report: dict[str, Any]) -> list[str]:
    """Return what a drill may not end with, in words."""
    said = [f"{name} is {report[name]}" for name in WITHOUT if report[name]]
    if not report["documents"]:
        said.append("nothing was kept")
    if not report.get("broken_variant_caught", True):
        said.append("the broken variant was not caught")
    said += [f"no page: {told}" for told in report.get("without_page", ())]
    said += [f"{name} is broken ({rows})" for name, rows in report["invariants"].items() if rows]
    return [*said, *report["faults_found"]]


def _live(day: Day, faults: Faults, steps: int, say: Callable[[str], None]) -> None:
    day.begin()
    say("three browsers open, devices enrolled, anchors kept")
    for number in range(1, steps + 1):
        try:
            told = _step(day, faults)
        except PageGone as gone:
            day.counts["page_gone"] += 1
            told = f"no page: {str(gone).splitlines()[0][:120]}"
        except Refused as refusal:
            day.counts["not_kept"] += 1
            told = f"not kept: {refusal}"
        say(f"{number}/{steps} {told} ({len(day.oracle.promises)} kept)")


def _step(day: Day, faults: Faults) -> str:
    lot = day.draw.randrange(100)
    if lot < FAULTS_PERCENT:
        return faults.strike()
    if lot < FAULTS_PERCENT + SENDING_PERCENT:
        return day.send(day.draw.choice(day.posts))
    return day.write()


def _report(
    ours: Site, day: Day, faults: Faults, evening: Evening, broken: dict[str, Any]
) -> dict[str, Any]:
    verdict = day.oracle.judge(ours.ask, decided=evening.decided)
    invariants = last_line(started(ours.place, "manage.py", "check_invariants", "--json"))
    return {
        **asdict(verdict),
        "without_page": [told for post in day.posts for told in post.without_page],
        "browsers_started_again": sum(post.hung for post in day.posts),
        "broken_variant_caught": broken["double"] > 0,
        "broken_variant": broken,
        "invariants": {name: found["rows"] for name, found in invariants.items()},
        "faults_found": evening.faults,
        "decided_by_a_person": dict(Counter(evening.decided.values()).most_common()),
        "network": dict(sorted(ours.network.counts.items())),
        "counts": dict(sorted(day.counts.items())),
        "faults": dict(faults.counts.most_common()),
    }
