"""The drill from the first server to the report: found a country, break it, settle, count."""

import argparse
import contextlib
import json
import signal
import subprocess
import time
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

from django.core.management import call_command
from django.db import connection

from accounts.models import User
from claims.api.serializers import SignedCareClaimInput, care_claim_draft
from claims.services import submit_claim
from config.drill import desk, poison, stage
from config.drill.cast import Cast, free_port, last_line, started
from config.drill.country import Country, found
from config.drill.faults import Faults
from config.drill.filing import Filing
from config.drill.papers import Papers
from config.drill.queue import Queue
from config.drill.watching import Watch, outcome
from config.embedded.addresses import CHECKOUT, Place
from core import clock
from core.api.serializers import read
from core.signatures import SignedDocument

BROKEN = "waraqa_broken"
FOUNDERS_CLAIMS = 40
LONG_KILLS = 50
PAUSE_SECONDS = (0.6, 2.4)
SETTLING_SECONDS = 300.0
RESUME_SECONDS = 60.0
WARM_UP_SECONDS = 4.0
READY_SECONDS = 10.0


class StoppedByHand(Exception):
    """Ctrl-C or SIGTERM: what was started is stopped, nothing is concluded."""


class Drill:
    """One drill under way; says each thing with the seconds since its start."""

    def __init__(self, place: Place, options: argparse.Namespace) -> None:
        self.place = place
        self.kills: int = options.kills
        self.seed: str = options.seed
        self.draw = Random(self.seed)
        self.begun = time.monotonic()

    def say(self, line: str) -> None:
        print(f"{time.monotonic() - self.begun:7.1f} s  {line}", flush=True)

    def run(self) -> dict[str, Any]:
        """Return the report."""
        with contextlib.ExitStack() as stack:
            full_disk = stack.enter_context(stage.servers(self.place))
            self.say("PostgreSQL and Valkey started, empty")
            if not full_disk:
                self.say("no full disk in this drill: only root can mount a small one")
            port = free_port()
            country = self._country(port)
            stage.copy_database(self.place, BROKEN)
            cast = Cast(self.place, port=port, seed=self.seed)
            stack.callback(cast.stop)
            cast.start()
            self.say("web server, two workers, two schedulers, two desks started")
            filing = Filing(country, seed=self.seed, receipts=stage.FOLDER / "receipts.jsonl")
            watch = Watch(self.place)
            watch.start()
            stack.callback(watch.stop)
            faults = Faults(
                place=self.place,
                cast=cast,
                filing=filing,
                queue=Queue(country, filing.acknowledged),
                watch=watch,
                draw=self.draw,
                full_disk=full_disk,
                long=self.kills >= LONG_KILLS,
            )
            filing.start()
            self._break(cast, faults)
            # Beside the settling, which mostly waits for leases to run out.
            broken = started(self.place, "-m", "config.drill", "broken", database=BROKEN)
            settled = self._settle(cast, faults)
            cast.stop()
            return self._report(faults, settled, last_line(broken))

    def _country(self, port: int) -> Country:
        call_command("migrate", verbosity=0)
        country = found(base_url=f"http://127.0.0.1:{port}", seed=self.seed, at=clock.now())
        _file_directly(country, Random(self.seed))
        connection.close()
        self.say("an invented country founded")
        return country

    def _break(self, cast: Cast, faults: Faults) -> None:
        """Let faults strike until enough was killed."""
        self._tend(cast, WARM_UP_SECONDS)
        filing = faults.filing
        poisons = [poison.RAISES, poison.KILLS] if faults.long else [poison.RAISES]
        for charged in poisons:
            filing.file_care(self.draw, charged=f"{charged // 100}.{charged % 100:02d}")
        faults.counts["poison filed"] = len(poisons)
        while faults.kills < self.kills:
            self._tend(cast, self.draw.uniform(*PAUSE_SECONDS))
            self._wait_until_ready(cast)
            told = faults.strike()
            self.say(f"{faults.kills}/{self.kills} {told} ({len(filing.acknowledged)} receipts)")

    def _wait_until_ready(self, cast: Cast) -> None:
        """A process that is still starting does no work that a fault could hit."""
        end = time.monotonic() + READY_SECONDS
        while not cast.ready() and time.monotonic() < end:
            self._tend(cast, 0.1)

    def _settle(self, cast: Cast, faults: Faults) -> dict[str, float]:
        """End the faults and the filing, then wait until nothing waits."""
        faults.end()
        ended = time.monotonic()
        faults.filing.stop()
        self.say(f"faults and filing ended, {len(faults.filing.acknowledged)} receipts")
        given_back = 0
        while not faults.watch.settled() or faults.watch.pending():
            self._tend(cast, 0.5)
            given_back += faults.watch.give_back()
            if time.monotonic() > ended + SETTLING_SECONDS:
                self.say(f"NOT settled after {SETTLING_SECONDS:.0f} s")
                break
        seconds = time.monotonic() - ended
        self.say(f"all settled {seconds:.1f} s after the last fault")
        return {"quiescent_seconds": round(seconds, 1), "given_back": given_back}

    def _tend(self, cast: Cast, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            cast.tend()
            time.sleep(0.1)

    def _report(self, faults: Faults, settled: dict[str, float], broken: Any) -> dict[str, Any]:
        filing, watch = faults.filing, faults.watch
        counted = outcome(watch, filing.acknowledged)
        invariants = last_line(started(self.place, "manage.py", "check_invariants", "--json"))
        self.say(f"the broken variant: {broken}")
        poisons = faults.counts["poison filed"]
        return {
            "seed": self.seed,
            "commit": _commit(),
            "kills": faults.kills,
            "acknowledged": len(filing.acknowledged),
            **asdict(counted),
            "resume_seconds_max": max(watch.resumed, default=(0.0, ""))[0],
            "slowest_to_resume": sorted(watch.resumed, reverse=True)[:5],
            "broken_variant_caught": "I1" in broken["caught"],
            "broken_variant": broken,
            "invariants": {name: found["rows"] for name, found in invariants.items()},
            "poisons": poisons,
            "runs": faults.queue.runs,
            "queue_fills": faults.queue.fills,
            **settled,
            "desk_faults": _lines(self.place.checkout / desk.FAULTS),
            "http": dict(sorted(filing.counts.items())),
            "seconds": round(time.monotonic() - self.begun, 1),
            "faults": dict(faults.counts.most_common()),
        }


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def drill(place: Place, options: argparse.Namespace) -> int:
    """Drill, write the report, print it, and return an exit status."""
    (place.checkout / desk.FAULTS).unlink(missing_ok=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        report = Drill(place, options).run()
    except StoppedByHand:
        print("stopped: nothing is concluded", flush=True)
        return 130
    options.report.write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report, indent=1))
    failed = failures(report)
    for line in failed:
        print(f"FAILED: {line}")
    return 1 if failed else 0


def _stop(*_signal: object) -> None:
    """Stop wherever the drill is, once: what follows takes everything away."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise StoppedByHand


def failures(report: dict[str, Any]) -> list[str]:
    """Return what a drill may not end with, in words."""
    said = [
        f"{name} is {report[name]}"
        for name in ("lost", "double_paid", "ledger_sum")
        if report[name]
    ]
    if report["resume_seconds_max"] > RESUME_SECONDS:
        said.append(f"work resumed after {report['resume_seconds_max']} s")
    if not report["broken_variant_caught"]:
        said.append("the broken variant was not caught")
    said += [f"{name} is broken ({rows})" for name, rows in report["invariants"].items() if rows]
    if report["quarantined"] != report["poisons"]:
        said.append(f"{report['quarantined']} quarantined for {report['poisons']} poisons")
    if report["set_aside"] != report["queue_fills"]:
        said.append(f"{report['set_aside']} set aside for {report['queue_fills']} unreadable")
    if report["quiescent_seconds"] >= SETTLING_SECONDS:
        said.append("not everything was settled")
    said += [f"{name}: {n}" for name, n in report["http"].items() if name.endswith("_failed") and n]
    return said + report["desk_faults"]


def _file_directly(country: Country, draw: Random) -> None:
    """A few claims without the web server: the broken variant pays these."""
    papers = Papers(country)
    for _claim in range(FOUNDERS_CLAIMS):
        doctor = draw.choice(country.doctors)
        body = doctor.signed(papers.care(draw, doctor))
        submit_claim(
            draft=care_claim_draft(read(SignedCareClaimInput, body)["document"]),
            signed=SignedDocument(body["document"], body["signature"]),
            by=User.objects.get(memberships__provider__inpe=doctor.inpe),
            at=clock.now(),
        )


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
