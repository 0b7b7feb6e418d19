"""Programs in the foreground: started again when they die, ended with all their children."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.embedded import folders, liveness, processes
from config.embedded.addresses import CHECKOUT, Place
from config.embedded.processes import Foreground, Program

pytestmark = pytest.mark.machinery

FAMILY = Program("family", ["sh", "-c", "sleep 600 & echo $! $$; wait"])
STUBBORN = Program("stubborn", ["sh", "-c", "trap '' TERM; echo $$; while :; do sleep 0.1; done"])

SUPERVISE = """
import sys, time
from pathlib import Path
from config.embedded.addresses import place_of
from config.embedded.processes import Foreground, Program
foreground = Foreground(place_of(Path(sys.argv[1])), say=print)
foreground.start(Program("family", ["sh", "-c", "sleep 600 & echo $! $$; wait"]))
print("started", flush=True)
time.sleep(600)
"""


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def foreground(place: Place, said: list[str]) -> Iterator[Foreground]:
    folders.prepare(place)
    running = Foreground(place, say=said.append)
    yield running
    running.stop()


def test_stopping_ends_the_children_of_children(place: Place, foreground: Foreground) -> None:
    foreground.start(FAMILY)
    pids = _pids(place, "family", 2)

    foreground.stop()

    assert liveness.wait_until_gone(pids, 5.0)


def test_a_program_that_refuses_to_stop_is_ended(
    place: Place, foreground: Foreground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.3)
    foreground.start(STUBBORN)
    pids = _pids(place, "stubborn", 1)

    foreground.stop()

    assert liveness.wait_until_gone(pids, 5.0)


def test_programs_stop_in_the_reverse_order(foreground: Foreground, said: list[str]) -> None:
    for name in ("worker", "beat", "web"):
        foreground.start(Program(name, ["sleep", "600"]))

    foreground.stop()

    assert said == ["web: stopped", "beat: stopped", "worker: stopped"]


def test_a_program_that_dies_is_started_again_and_it_is_said(
    place: Place, foreground: Foreground, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "FIRST_PAUSE_SECONDS", 0.2)
    foreground.start(FAMILY)
    child, leader = _pids(place, "family", 2)
    os.kill(leader, signal.SIGKILL)

    _tend_until(foreground, lambda: "family: started again" in said)

    assert "ended by itself (signal 9)" in said[0]
    assert liveness.wait_until_gone([child, leader], 5.0)
    assert foreground.is_running("family")


def test_the_pause_doubles_while_a_program_keeps_dying(
    foreground: Foreground, said: list[str]
) -> None:
    foreground.start(Program("broken", [sys.executable, "-c", "raise SystemExit(3)"]))

    _tend_until(foreground, lambda: len(said) >= 3)

    assert "(status 3), again in 1 s" in said[0]
    assert said[1] == "broken: started again"
    assert "(status 3), again in 2 s" in said[2]


def test_programs_end_when_their_supervisor_is_killed(place: Place) -> None:
    folders.prepare(place)
    supervising = _supervise(place)
    _, leader = _pids(place, "family", 2)

    supervising.kill()
    supervising.wait()

    assert liveness.wait_until_gone([leader], 5.0)


def test_the_next_start_ends_what_a_killed_supervisor_left(
    place: Place, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folders.prepare(place)
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.3)
    monkeypatch.setattr(processes, "die_with_parent", lambda: None)
    abandoned = Foreground(place, say=said.append)
    abandoned.start(STUBBORN)
    pids = _pids(place, "stubborn", 1)

    Foreground(place, say=said.append)

    assert [running.process.wait(5) for running in abandoned._running] == [-signal.SIGKILL]
    assert liveness.wait_until_gone(pids, 1.0)


def test_a_number_now_used_by_a_stranger_is_left_alone(place: Place, said: list[str]) -> None:
    folders.prepare(place)
    stranger = subprocess.Popen(["sleep", "600"], start_new_session=True)
    (place.runtime / "programs.json").write_text(f"[[{stranger.pid}, 1]]")

    Foreground(place, say=said.append)

    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def _supervise(place: Place) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SUPERVISE, str(place.checkout)]
    supervising = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT)
    assert supervising.stdout is not None
    assert supervising.stdout.readline() == "started\n"
    supervising.stdout.close()
    return supervising


def _pids(place: Place, name: str, count: int) -> list[int]:
    """The process numbers a program wrote in its log."""
    log = place.logs / f"{name}.log"
    deadline = time.monotonic() + 10
    while len(found := _numbers(log)) < count:
        assert time.monotonic() < deadline, f"{log} never held {count} numbers"
        time.sleep(0.02)
    return found[:count]


def _numbers(log: Path) -> list[int]:
    return [int(word) for word in log.read_text().split()] if log.exists() else []


def _tend_until(foreground: Foreground, is_done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_done():
        assert time.monotonic() < deadline
        foreground.tend()
        time.sleep(0.02)
