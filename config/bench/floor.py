"""The floor: what the product said to the server is said again, byte for byte, and nothing is decided.

Same reads, received and never turned into objects; same writes, of the same bytes, into the same tables.
"""

import socket
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from config.bench import product
from config.bench.product import Done
from config.bench.wire import READY, awaited

_CHUNK = 1 << 20
# A server that never answers was told something it refused: better an error than a bench that hangs.
_PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Recording:
    """A session of the product on a town: what it said before its batches, and in each of them."""

    before: tuple[bytes, ...]
    batches: tuple[tuple[bytes, ...], ...]


def replay(recording: Recording) -> Done:
    """Say a recording again on a connection of its own, and measure the batches."""
    copy = connection.copy()
    copy.ensure_connection()
    session = copy.connection
    with socket.socket(fileno=socket.dup(session.fileno())) as wire:
        wire.settimeout(_PATIENCE_SECONDS)
        _say(wire, recording.before)
        started = product.watch(session.info.backend_pid)
        for turns in recording.batches:
            _say(wire, turns)
        effort = started.stop()
    copy.close()
    return Done(effort, started.at, started.at + effort.seconds, len(recording.batches))


def _say(wire: socket.socket, turns: Sequence[bytes]) -> None:
    """Say each turn once the one before it is answered."""
    for turn in turns:
        wire.sendall(turn)
        _hear(wire, awaited(turn))


def _hear(wire: socket.socket, wanted: int) -> None:
    """Receive until the server is ready so many times, or asks for the rows of a COPY (wanted: 0)."""
    heard, tail = 0, b""
    while True:
        said = wire.recv(_CHUNK)
        if not said:
            raise ConnectionError("the server closed the connection during the replay")
        if not wanted:
            return
        heard += (tail + said).count(READY)
        tail = said[-len(READY) + 1 :]
        if heard >= wanted:
            return
