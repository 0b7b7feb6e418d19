"""`manage.py drill_sync`: software houses against the API, until so many answers were lost."""

import argparse
import threading
import time
from collections import Counter
from dataclasses import asdict
from random import Random
from typing import Any

from config.drill.cast import last_line, started
from config.embedded.addresses import Place
from config.offline_drill import agent
from config.offline_drill.device import Device
from config.offline_drill.drilling import Saying, written
from config.offline_drill.houses import Desk, House, Told
from config.offline_drill.site import BROKEN, Site, site

DOCTORS, HOUSEHOLDS = 3, 1500
# Of a hundred answers of the offline API.
LOST_PERCENT, TORN_PERCENT = 70, 15
SAY_SECONDS = 10.0


def drill(place: Place, options: argparse.Namespace) -> int:
    """Drill, write the report, print it, and return an exit status."""
    say = Saying()
    with site(place, seed=options.seed, doctors=DOCTORS, households=HOUSEHOLDS) as ours:
        say("servers, country, web server, worker and scheduler ready")
        broken = started(place, "-m", "config.offline_drill", "broken", database=BROKEN)
        told = Told()
        _work(ours, told, options, say)
        decided = agent.decide()
        verdict = told.oracle.judge(ours.ask, decided=decided)
        invariants = last_line(started(place, "manage.py", "check_invariants", "--json"))
        caught = last_line(broken)
        counts = ours.network.counts
    report = {
        "seed": options.seed,
        "answers_lost": counts["lost"] + counts["torn"],
        **asdict(verdict),
        "false_errors": len(told.faults),
        "broken_variant_caught": caught["double"] > 0,
        "invariants": {name: found["rows"] for name, found in invariants.items()},
        "faults_found": told.faults[:20],
        "decided_by_a_person": dict(Counter(decided.values()).most_common()),
        "network": dict(counts),
        "counts": dict(sorted(told.counts.items())),
        "seconds": say.seconds,
    }
    return written(report, options)


def _work(ours: Site, told: Told, options: argparse.Namespace, say: Saying) -> None:
    weather = Random(f"{options.seed} weather")
    ours.network.weather = lambda: _fate(weather)
    desk = Desk(ours.country)
    over = threading.Event()
    threads = [
        threading.Thread(target=_house, args=(software, desk, told, options.seed, over))
        for software in (*ours.country.doctors, *ours.country.pharmacies)
    ]
    for thread in threads:
        thread.start()
    while _lost(ours) < options.answers_lost and any(each.is_alive() for each in threads):
        time.sleep(SAY_SECONDS)
        say(f"{_lost(ours)} answers lost, {len(told.oracle.promises)} kept")
    over.set()
    ours.network.weather = None
    for thread in threads:
        thread.join()
    say("every house is done")


def _house(software: Any, desk: Desk, told: Told, seed: str, over: threading.Event) -> None:
    try:
        House(Device(software), desk, told, Random(f"{seed} {software.inpe}")).work(over)
    except Exception as error:
        told.fault(f"{software.inpe} stopped: {error!r}")
        raise


def _lost(ours: Site) -> int:
    counts = ours.network.counts
    return counts["lost"] + counts["torn"]


def _fate(weather: Random) -> str:
    lot = weather.randrange(100)
    if lot < LOST_PERCENT:
        return "lost"
    return "torn" if lot < LOST_PERCENT + TORN_PERCENT else "whole"
