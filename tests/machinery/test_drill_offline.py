"""Small drills of the offline work, as CI runs them: a short day in three browsers, and software houses."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from config.offline_drill.drilling import failures

pytestmark = pytest.mark.machinery

STEPS, ANSWERS = 20, 60


def _drilled(part: str, report: Path, *options: str) -> dict[str, Any]:
    command = ["-m", "config.offline_drill", part, "--seed=ci", f"--report={report}", *options]
    done = subprocess.run(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert report.exists(), done.stdout + done.stderr
    told: dict[str, Any] = json.loads(report.read_text())
    assert failures(told) == [], done.stdout
    assert done.returncode == 0
    return told


def test_a_short_day_without_network_keeps_every_promise(tmp_path: Path) -> None:
    told = _drilled("drill-offline", tmp_path / "drill.json", f"--steps={STEPS}")

    assert told["documents"] > 0
    assert told["broken_variant"]["double"] > 0
    assert sum(told["faults"].values()) > 0


def test_software_houses_lose_answers_and_nothing_else(tmp_path: Path) -> None:
    told = _drilled("houses", tmp_path / "houses.json", f"--answers-lost={ANSWERS}")

    assert told["answers_lost"] >= ANSWERS
    assert told["false_errors"] == 0
    assert told["counts"]["replays"] > 0
