"""Starts, stops and counts the users of this checkout's embedded services.

Whoever needs the services in the foreground (the site, the demo, the tests) holds a shared lock
while it works. The last one to leave stops the servers, unless `services up` asked to keep them.
The kernel gives a lock back when its holder dies, even by `kill -9`: nothing has to be counted.
"""

import contextlib
import fcntl
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from config.embedded import folders, postgres, valkey
from config.embedded.addresses import Place, broker_url, database_url

POSTGRES = "postgres"
VALKEY = "valkey"
SERVERS: dict[str, ModuleType] = {POSTGRES: postgres, VALKEY: valkey}


@dataclass(frozen=True)
class ServiceStatus:
    """One server as it is now; `seconds` is what its start took, zero when it already ran."""

    key: str
    name: str
    pid: int | None
    answers: bool
    address: str
    seconds: float = 0.0
    was_running: bool = False


def wanted(*, database: str, broker: str, place: Place) -> tuple[str, ...]:
    """Which servers are ours to start: those the settings really point at.

    `database` is the host of the database, `broker` the broker's URL, as the settings have them.
    """
    keys = []
    if database == str(place.sockets):
        keys.append(POSTGRES)
    if broker == broker_url(place):
        keys.append(VALKEY)
    return tuple(keys)


def up(place: Place, keys: Collection[str], *, keep: bool = False) -> list[ServiceStatus]:
    """Start what does not run yet; with `keep`, the last user does not stop it.

    Raises:
        EmbeddedServiceError: a server cannot be started, with a sentence that says what to do.
    """
    if not keys:
        return []
    folders.prepare(place)
    with _locked(place):
        if keep:
            _keep_file(place).touch()
        return [_start(place, key) for key in keys]


def down(place: Place, keys: Collection[str]) -> list[str]:
    """Stop the servers, whoever uses them; return the names of those that ran."""
    if not place.runtime.is_dir():
        return []
    folders.check_owner(place)
    with _locked(place):
        return _stop(place, keys)


def status(place: Place, keys: Collection[str]) -> list[ServiceStatus]:
    """Look, without starting or stopping anything."""
    folders.check_owner(place)
    return [_status(place, key) for key in keys]


@contextlib.contextmanager
def in_use(place: Place, keys: Collection[str]) -> Iterator[list[ServiceStatus]]:
    """Have the servers run within the block; stop them after it if nobody else needs them."""
    if not keys:
        yield []
        return
    folders.prepare(place)
    with (place.runtime / "users.lock").open("a") as users:
        with _locked(place):
            fcntl.flock(users, fcntl.LOCK_SH)
            started = [_start(place, key) for key in keys]
        try:
            yield started
        finally:
            _leave(place, keys, users.fileno())


def _leave(place: Place, keys: Collection[str], users: int) -> None:
    with _locked(place):
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if not _keep_file(place).exists():
            _stop(place, keys)


def _start(place: Place, key: str) -> ServiceStatus:
    server = SERVERS[key]
    before = server.running_pid(place)
    begun = time.monotonic()
    pid = server.start(place)
    return ServiceStatus(
        key=key,
        name=server.NAME,
        pid=pid,
        answers=True,
        address=_address(place, key),
        seconds=time.monotonic() - begun,
        was_running=pid == before,
    )


def _stop(place: Place, keys: Collection[str]) -> list[str]:
    _keep_file(place).unlink(missing_ok=True)
    # the broker first: nothing rings for work while the database is going
    ordered = sorted(keys, key=list(SERVERS).index, reverse=True)
    return [SERVERS[key].NAME for key in ordered if SERVERS[key].stop(place)]


def _status(place: Place, key: str) -> ServiceStatus:
    server = SERVERS[key]
    pid = server.running_pid(place)
    return ServiceStatus(
        key=key,
        name=server.NAME,
        pid=pid,
        answers=pid is not None and server.answers(place),
        address=_address(place, key),
    )


def _address(place: Place, key: str) -> str:
    return database_url(place) if key == POSTGRES else broker_url(place)


def _keep_file(place: Place) -> Path:
    return place.runtime / "services.keep"


@contextlib.contextmanager
def _locked(place: Place) -> Iterator[None]:
    """One start or stop at a time in a checkout; a second one waits for the first."""
    with (place.runtime / "services.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
