"""The programs of a drill: web server, workers, schedulers, desks; and how they are hurt."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from config.embedded import liveness
from config.embedded.addresses import CHECKOUT, Place, broker_url, database_url
from config.embedded.processes import Foreground, Program

WORKERS = ("worker-1", "worker-2")
BEATS = ("beat-1", "beat-2")
DESKS = ("desk-1", "desk-2")
WEB = "web"
EVERYBODY = (WEB, *WORKERS, *BEATS, *DESKS)
RESTART_SECONDS = 1.0
READY_SECONDS = 60.0
CRASH_ORDER = "crash-order"


def environment(place: Place, database: str | None = None) -> dict[str, str]:
    """What every program of the drill finds in its environment."""
    url = database_url(place)
    return {
        "DATABASE_URL": url if database is None else f"{url.rpartition('/')[0]}/{database}",
        "BROKER_URL": broker_url(place),
        "DJANGO_SETTINGS_MODULE": "config.settings.drill",
        "PYTHONPATH": str(CHECKOUT),
        "CLOCK_OFFSET_SECONDS": "0",
        "WARAQA_CRASH_AT": f"@{place.checkout / CRASH_ORDER}",
    }


class Cast:
    """The running programs; each that dies is started again after a second."""

    def __init__(
        self, place: Place, *, port: int, seed: str, names: tuple[str, ...] = EVERYBODY
    ) -> None:
        self._environment = environment(place)
        self._folder = place.checkout
        self._port = port
        self._seed = seed
        self._names = names
        self._foreground = Foreground(place, say=lambda _line: None, longest_pause=RESTART_SECONDS)

    def start(self) -> None:
        """Start every program and wait until the web server answers."""
        for name in self._names:
            self._foreground.start(self._program(name))
        end = time.monotonic() + READY_SECONDS
        while not answers(self._port):
            if time.monotonic() > end:
                raise RuntimeError("the drill's web server did not start: see the drill's var/log")
            time.sleep(0.1)

    def tend(self) -> None:
        """Start again what died. Call it often."""
        self._foreground.tend()

    def ready(self) -> bool:
        """Whether the web server and the workers have children: there is work to cut short."""
        leaders = [self._foreground.pid_of(name) for name in (WEB, *WORKERS)]
        return all(pid is not None and _children(pid) for pid in leaders)

    def stop(self) -> None:
        """Stop every program with its children."""
        self._foreground.stop()

    def kill(self, name: str) -> bool:
        """SIGKILL a program with all its children; tell whether it was alive."""
        pid = self._foreground.pid_of(name)
        return pid is not None and _signal_group(pid, signal.SIGKILL)

    def signal(self, name: str, number: signal.Signals) -> Callable[[], bool]:
        """Signal a program and its children; return what signals the same processes again."""
        pid = self._foreground.pid_of(name)
        if pid is not None:
            _signal_group(pid, number)
        return lambda: pid is not None and _signal_group(pid, signal.SIGCONT)

    def kill_child(self, name: str, draw: Random) -> bool:
        """SIGKILL one child of a program; tell whether there was one."""
        pid = self._foreground.pid_of(name)
        children = _children(pid) if pid is not None else []
        if not children:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(draw.choice(children), signal.SIGKILL)
        return True

    def move_clock(self, name: str, seconds: int) -> None:
        """Have a program live `seconds` from now, from its next start on."""
        self._foreground.change(self._program(name, seconds))

    def _program(self, name: str, offset: int = 0) -> Program:
        role = name.partition("-")[0]
        command = {
            "web": self._web,
            "worker": lambda _name: _celery("worker", "--pool=prefork", "--concurrency=2"),
            "beat": lambda each: _celery(
                "beat", "--pidfile=", f"--schedule={self._folder / each}.schedule"
            ),
            "desk": lambda each: [
                *(sys.executable, "-m", "config.drill", "desk", f"--seed={self._seed} {each}"),
            ],
        }[role](name)
        clock = {"CLOCK_OFFSET_SECONDS": str(offset)}
        return Program(name, command, {**self._environment, **clock})

    def _web(self, _name: str) -> list[str]:
        return [
            *(sys.executable, "-m", "gunicorn", "config.wsgi:application"),
            *(f"--bind=127.0.0.1:{self._port}", "--workers=2", "--worker-class=gthread"),
            # A child killed is a fork away, so that the machine's time goes to the claims.
            *(
                "--preload",
                "--threads=4",
                "--no-control-socket",
                "--error-logfile=-",
                "--graceful-timeout=3",
            ),
        ]


def started(place: Place, *arguments: str, database: str | None = None) -> subprocess.Popen[str]:
    """Start a command of the product on the drill's servers."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=CHECKOUT,
        env={**os.environ, **environment(place, database)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def last_line(command: subprocess.Popen[str]) -> Any:
    """Wait for a command and return the JSON it printed last."""
    printed, errors = command.communicate()
    if not printed.strip():
        raise RuntimeError(f"{command.args} said nothing: {errors[-2000:]}")
    return json.loads(printed.strip().splitlines()[-1])


def free_port() -> int:
    """A port of the loopback that nobody uses now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def _celery(role: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "config", role, "--loglevel=WARNING", *options]


def answers(port: int) -> bool:
    """Whether a web server answers on this port, whatever it says."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _signal_group(leader: int, number: signal.Signals) -> bool:
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return False
    return True


def _children(parent: int) -> list[int]:
    """The live children of a process, by what /proc says of each."""
    found = []
    for entry in liveness.PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = Path(entry, "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent and fields[0] != "Z":
                found.append(int(entry.name))
    return found
