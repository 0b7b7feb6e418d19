"""Listening on the wire between a client and PostgreSQL: what was sent, in how many round trips.

A round trip is a turn of the conversation: the client says something, the server answers. A statement is
a simple query or the execution of a prepared one; BEGIN and COMMIT are not counted among them.
"""

import socket
import struct
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

SOCKET_NAME = ".s.PGSQL.5432"
READY = b"Z\x00\x00\x00\x05"
_CHUNK = 1 << 20
_SIMPLE, _PARSE, _BIND, _EXECUTE, _SYNC, _COPY_DONE = b"QPBESc"
_FRAME = struct.Struct("!BI")


@dataclass(slots=True)
class Conversation:
    """What one client said after it was let in: one entry of bytes a turn."""

    turns: list[bytearray] = field(default_factory=list)
    client_spoke_last: bool = False
    is_open: bool = False

    def said_by_client(self, said: bytes) -> None:
        if not self.is_open:
            return
        if not self.client_spoke_last:
            self.turns.append(bytearray())
            self.client_spoke_last = True
        self.turns[-1] += said

    def said_by_server(self, said: bytes) -> None:
        self.client_spoke_last = False
        self.is_open = self.is_open or READY in said


@dataclass(frozen=True, slots=True)
class Count:
    """Statements and round trips of a piece of work."""

    statements: int
    round_trips: int


def awaited(turn: bytes) -> int:
    """How many times the server will be ready after this turn; 0 when it will ask for rows to copy."""
    kinds = [(kind, body) for kind, body in _messages(turn)]
    last_kind, last_body = kinds[-1]
    if last_kind == _SIMPLE and b"FROM STDIN" in last_body.upper():
        return 0
    return sum(1 for kind, _body in kinds if kind in (_SIMPLE, _SYNC, _COPY_DONE))


def counted(turns: Sequence[bytes | bytearray]) -> Count:
    """Count what these turns asked of the server."""
    statements = sum(1 for turn in turns for text in _executed(bytes(turn)) if not _is_frame(text))
    return Count(statements, len(turns))


def commits(turns: Iterable[bytes | bytearray]) -> int:
    """How many transactions these turns committed."""
    said = (text.strip().upper() for turn in turns for text in _executed(bytes(turn)))
    return sum(1 for text in said if text.startswith(b"COMMIT"))


def texts(turns: Iterable[bytes | bytearray]) -> list[str]:
    """The statements of these turns, BEGIN and COMMIT included, as text."""
    return [text.decode(errors="replace") for turn in turns for text in _executed(bytes(turn))]


def _is_frame(text: bytes) -> bool:
    return text.strip().upper().startswith((b"BEGIN", b"COMMIT"))


def _executed(turn: bytes) -> Iterator[bytes]:
    """The text of each statement that a turn executes; of one prepared earlier only its name is known."""
    prepared: dict[bytes, bytes] = {}
    bound = b""
    for kind, body in _messages(turn):
        if kind == _SIMPLE:
            yield body.rstrip(b"\0")
        elif kind == _PARSE:
            name, text, _rest = body.split(b"\0", 2)
            prepared[name] = text
        elif kind == _BIND:
            _portal, name, _rest = body.split(b"\0", 2)
            bound = prepared.get(name, name)
        elif kind == _EXECUTE:
            yield bound


def _messages(turn: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + _FRAME.size <= len(turn):
        kind, length = _FRAME.unpack_from(turn, at)
        yield kind, turn[at + _FRAME.size : at + 1 + length]
        at += 1 + length


class Listener:
    """Passes bytes both ways between clients on its own socket and the server, and keeps what was said."""

    def __init__(self, folder: Path, host: str, port: str) -> None:
        self.folder, self._host, self._port = folder, host, port
        self.conversations: list[Conversation] = []
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(folder / SOCKET_NAME))
        self._server.listen()
        threading.Thread(target=self._welcome, daemon=True).start()

    def turns(self) -> list[bytearray]:
        """Everything said so far, conversation after conversation."""
        return [turn for each in self.conversations for turn in each.turns]

    def forget(self) -> None:
        """Begin counting anew."""
        for each in self.conversations:
            each.turns.clear()

    def close(self) -> None:
        self._server.close()

    def _welcome(self) -> None:
        while True:
            try:
                client, _address = self._server.accept()
            except OSError:
                return
            server = _connect(self._host, self._port)
            heard = Conversation()
            self.conversations.append(heard)
            for source, target, note in (
                (client, server, heard.said_by_client),
                (server, client, heard.said_by_server),
            ):
                threading.Thread(target=_pass, args=(source, target, note), daemon=True).start()


def _connect(host: str, port: str) -> socket.socket:
    if host.startswith("/"):
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{host}/.s.PGSQL.{port or 5432}")
        return server
    return socket.create_connection((host or "localhost", int(port or 5432)))


def _pass(source: socket.socket, target: socket.socket, note: object) -> None:
    """Note first, pass on after: the answer is never noted before its question."""
    while True:
        try:
            said = source.recv(_CHUNK)
            note(said)  # type: ignore[operator]
            if not said:
                target.shutdown(socket.SHUT_WR)
                return
            target.sendall(said)
        except OSError:
            return


@contextmanager
def listening(host: str, port: str) -> Iterator[Listener]:
    """A listener in a folder of its own: clients take that folder as the server's host."""
    with TemporaryDirectory(prefix="waraqa-bench-") as folder:
        listener = Listener(Path(folder), host, port)
        try:
            yield listener
        finally:
            listener.close()
