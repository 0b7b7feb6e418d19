"""A small drill, as CI runs it: every kind of fault once, and nothing is lost. It takes about a minute."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from config.drill.drilling import failures
from config.drill.faults import CRASH_POINTS

pytestmark = pytest.mark.machinery

KILLS = 4
ROOMS = ("core", "claims", "fraud", "payments")


def test_a_small_drill_loses_nothing(tmp_path: Path) -> None:
    report = tmp_path / "drill.json"
    command = ["-m", "config.drill", "drill", f"--kills={KILLS}", "--seed=ci", f"--report={report}"]

    done = subprocess.run(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )

    assert report.exists(), done.stdout + done.stderr
    told = json.loads(report.read_text())
    assert failures(told) == [], done.stdout
    assert done.returncode == 0
    assert told["kills"] >= KILLS
    assert told["acknowledged"] > 0
    assert told["broken_variant"]["claims_paid_twice"] > 0


SOUND = {
    "lost": 0,
    "double_paid": 0,
    "ledger_sum": 0,
    "resume_seconds_max": 60.0,
    "broken_variant_caught": True,
    "invariants": {"I1": 0},
    "quarantined": 1,
    "poisons": 1,
    "set_aside": 2,
    "queue_fills": 2,
    "quiescent_seconds": 40.0,
    "http": {"pairs_twins_failed": 0},
    "desk_faults": [],
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lost", 1),
        ("double_paid", 1),
        ("ledger_sum", -1),
        ("resume_seconds_max", 60.1),
        ("broken_variant_caught", False),
        ("invariants", {"I1": 1}),
        ("quarantined", 0),
        ("set_aside", 3),
        ("quiescent_seconds", 300.0),
        ("http", {"pairs_twins_failed": 1}),
        ("desk_faults", ["another file"]),
    ],
)
def test_a_drill_fails_for_each_thing_it_may_not_end_with(name: str, value: object) -> None:
    assert failures(SOUND) == []
    assert len(failures({**SOUND, name: value})) == 1


def test_every_point_that_is_asked_for_exists() -> None:
    sources = "".join(
        file.read_text() for room in ROOMS for file in (settings.BASE_DIR / room).rglob("*.py")
    )

    assert [name for name in CRASH_POINTS if f'crashpoint("{name}")' not in sources] == []
