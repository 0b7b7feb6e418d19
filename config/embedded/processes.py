"""Keeps the programs of one machine running in the foreground: web server, worker, scheduler.

Each program is the leader of its own group and session, so Ctrl-C reaches the supervisor alone, and
whatever a program left behind is ended with its group. A program that dies is started again, after
a pause that doubles. If the supervisor itself is killed, the kernel tells the programs to stop, and
the next start ends those that did not.
"""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded import folders, liveness
from config.embedded.addresses import Place

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
CALM_SECONDS = 60.0
STOP_SECONDS = 20.0
POLL_SECONDS = 0.1
SET_PARENT_DEATH_SIGNAL = 1

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Program:
    """What to run; its output goes to var/log/NAME.log."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Running:
    program: Program
    process: subprocess.Popen[bytes]
    started: float
    pause: float = FIRST_PAUSE_SECONDS
    due: float | None = None


class Foreground:
    """The programs of one checkout, while this process lives."""

    def __init__(
        self,
        place: Place,
        *,
        say: Callable[[str], None],
        longest_pause: float = LONGEST_PAUSE_SECONDS,
    ) -> None:
        self._place = place
        self._say = say
        self._longest_pause = longest_pause
        self._running: list[_Running] = []
        self._end_leftovers()

    def start(self, program: Program) -> None:
        """Start one more program, after those already there."""
        self._running.append(_Running(program, self._spawn(program), time.monotonic()))
        self._write_roll()

    def tend(self) -> None:
        """Start again what died, when its pause is over. Call it often."""
        for running in self._running:
            if running.due is None:
                self._notice(running)
            elif time.monotonic() >= running.due:
                running.process = self._spawn(running.program)
                running.started = time.monotonic()
                running.due = None
                self._say(f"{running.program.name}: started again")
                self._write_roll()

    def is_running(self, name: str) -> bool:
        """Whether the program `name` is alive now."""
        return any(
            running.program.name == name and running.process.poll() is None
            for running in self._running
        )

    def pid_of(self, name: str) -> int | None:
        """The pid of the program `name`, leader of its group, while it is alive."""
        for running in self._running:
            if running.program.name == name and running.process.poll() is None:
                return running.process.pid
        return None

    def change(self, program: Program) -> None:
        """Have the program of that name start as `program` the next time."""
        for running in self._running:
            if running.program.name == program.name:
                running.program = program

    def stop(self) -> None:
        """Stop everything, the last started first, with all their children."""
        while self._running:
            running = self._running.pop()
            _end_group(running.process)
            self._say(f"{running.program.name}: stopped")
        self._roll.unlink(missing_ok=True)

    def _notice(self, running: _Running) -> None:
        status = running.process.poll()
        if status is None:
            return
        _kill_group(running.process.pid)
        lived = time.monotonic() - running.started
        pause = FIRST_PAUSE_SECONDS if lived > CALM_SECONDS else running.pause
        running.due = time.monotonic() + pause
        running.pause = min(pause * 2, self._longest_pause)
        log = self._place.logs / f"{running.program.name}.log"
        self._say(
            f"{running.program.name}: ended by itself ({_told(status)}), again in {pause:.0f} s; "
            f"see {log}"
        )

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        log = folders.open_log(self._place, program.name)
        try:
            return subprocess.Popen(
                list(program.command),
                cwd=self._place.checkout,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **program.environment},
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        finally:
            os.close(log)

    @property
    def _roll(self) -> Path:
        return self._place.runtime / "programs.json"

    def _write_roll(self) -> None:
        pids = [running.process.pid for running in self._running]
        self._roll.write_text(json.dumps([[pid, _birth(pid)] for pid in pids]))

    def _end_leftovers(self) -> None:
        """End what a killed supervisor left; a number now used by another program is not ours."""
        try:
            roll = json.loads(self._roll.read_text())
        except (FileNotFoundError, ValueError):
            return
        for pid, birth in roll:
            if liveness.is_alive(pid) and birth and _birth(pid) == birth:
                liveness.stop(pid, [(signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 5.0)])
                _kill_group(pid)
        self._roll.unlink(missing_ok=True)


@contextlib.contextmanager
def stop_signals() -> Iterator[Callable[[], bool]]:
    """Turn Ctrl-C and SIGTERM into an answer: has a stop been asked for?"""
    asked = False

    def ask(_number: int, _frame: object) -> None:
        nonlocal asked
        asked = True

    previous = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    _kill_group(process.pid)


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def die_with_parent() -> None:
    """Ask for SIGTERM when the parent dies; for a child just before its program."""
    if _libc is not None:
        _libc.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def _birth(pid: int) -> int:
    """When a process was born, in ticks since the machine started; 0 when unknown."""
    try:
        text = (liveness.PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return 0
    return int(text.rpartition(")")[2].split()[19])


def _told(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"status {status}"
