"""A named point kills the process that was asked to die there, once, and no other."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from core import clock
from core.crashpoints import crashpoint

PASSES = """
from core.crashpoints import crashpoint
for _ in range(3):
    crashpoint("here")
    print("passed", flush=True)
"""


def passes(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PASSES],
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("asked", "status", "passed"),
    [
        ("", 0, 3),
        ("elsewhere", 0, 3),
        ("here", -signal.SIGKILL, 0),
        ("here:3", -signal.SIGKILL, 2),
        ("here:4", 0, 3),
    ],
)
def test_a_process_dies_at_the_asked_passage(asked: str, status: int, passed: int) -> None:
    done = passes(WARAQA_CRASH_AT=asked)

    assert (done.returncode, done.stdout.count("passed")) == (status, passed)


def test_an_order_in_a_file_is_obeyed_once(tmp_path: Path) -> None:
    order = tmp_path / "order"
    order.write_text("here:2")

    first, second = (passes(WARAQA_CRASH_AT=f"@{order}") for _ in range(2))

    assert (first.returncode, first.stdout.count("passed")) == (-signal.SIGKILL, 1)
    assert (second.returncode, order.exists()) == (0, False)


def test_without_an_order_nothing_happens(monkeypatch) -> None:
    monkeypatch.delenv("WARAQA_CRASH_AT", raising=False)

    crashpoint("here")


def test_the_clock_of_a_process_moves_by_its_offset(settings) -> None:
    settings.CLOCK_OFFSET_SECONDS = 86_400

    assert clock.now() - timezone.now() > timedelta(hours=23)
    assert clock.today() == timezone.localdate() + timedelta(days=1)


@pytest.mark.parametrize(
    "variable", [{"CLOCK_OFFSET_SECONDS": "60"}, {"WARAQA_CRASH_AT": "post.before_entries"}]
)
def test_production_refuses_what_only_a_drill_sets(variable: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings.production"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DEBUG": "0", "FUND_RIB": "1", "FUND_BIC": "X", **variable},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "for drills only" in done.stderr
