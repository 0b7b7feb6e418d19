"""A bad network on one machine: a proxy before the web server that cuts, loses and tears on demand."""

import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Callable
from http import client
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LOOPBACK = "127.0.0.1"
SYNC = "/api/v1/sync/"
WORKER = "/sw.js"
WHOLE = "whole"
PATIENCE_SECONDS = 60.0
# What speaks of one connection and is not handed on (RFC 9110, 7.6.1).
OF_ONE_HOP = {
    *("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding"),
    *("upgrade", "content-length"),
}

Headers = list[tuple[str, str]]


class Network:
    """Listens on a port of its own and hands on to the web server's, until told otherwise.

    `cut` is True while nothing gets through; a `cable()` is one post's own way in, pulled or not.
    `spoil(how, path, times)` spoils the next answers of one address: "lost" never comes back, "torn"
    stops halfway; in both cases the server did its work.
    `edition` above zero: the service worker the browser is given has other bytes, as after a release.
    `weather`, when set, spoils any other answer to a POST of the offline API by its own draw.
    `counts` says how many requests were cut, lost and torn.
    """

    def __init__(self, upstream: int) -> None:
        self.cut = False
        self.edition = 0
        self.weather: Callable[[], str] | None = None
        self.counts: Counter[str] = Counter()
        self._upstream = upstream
        self._guard = threading.Lock()
        self._spoiled: Counter[tuple[str, str]] = Counter()
        self._cables: list[Cable] = []
        self._main = Cable(self)
        self.port = self._main.port

    def start(self) -> None:
        """Begin to listen, in threads of this process."""
        self._listen(self._main)

    def cable(self) -> "Cable":
        """Lead one more cable, to one post."""
        cable = Cable(self)
        self._listen(cable)
        return cable

    def _listen(self, cable: "Cable") -> None:
        self._cables.append(cable)
        threading.Thread(target=cable.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Stop listening."""
        for cable in self._cables:
            cable.shutdown()
            cable.server_close()

    def spoil(self, how: str, path: str, times: int = 1) -> None:
        """Have the next `times` answers to POSTs whose address ends with `path` "lost" or "torn"."""
        with self._guard:
            self._spoiled[how, path] += times

    def heal(self) -> None:
        """Let everything through from now on."""
        with self._guard:
            self._spoiled.clear()
        self.cut = False

    def fate_of(self, method: str, path: str) -> str:
        """Return what happens to the answer of this request: "whole", "lost" or "torn"."""
        if method != "POST":
            return WHOLE
        with self._guard:
            for (how, ending), left in self._spoiled.items():
                if left and path.endswith(ending):
                    self._spoiled[how, ending] -= 1
                    self.counts[how] += 1
                    return how
            how = self.weather() if self.weather and path.startswith(SYNC) else WHOLE
            self.counts[how] += 1
            return how

    def ask(self, method: str, path: str, body: bytes, headers: Headers) -> "_Answer":
        """Hand a request on. Raises OSError or client.HTTPException when the server is not there."""
        upstream = client.HTTPConnection(LOOPBACK, self._upstream, timeout=PATIENCE_SECONDS)
        try:
            upstream.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                upstream.putheader(name, value)
            upstream.putheader("Content-Length", str(len(body)))
            upstream.endheaders(body)
            answer = upstream.getresponse()
            return _Answer(answer.status, answer.reason, answer.getheaders(), answer.read())
        finally:
            upstream.close()


class _Answer:
    def __init__(self, status: int, reason: str, headers: Headers, body: bytes) -> None:
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE_SECONDS

    @property
    def _network(self) -> Network:
        return self.server.network  # type: ignore[attr-defined]

    @property
    def _is_cut(self) -> bool:
        return self._network.cut or self.server.pulled  # type: ignore[attr-defined]

    def handle_one_request(self) -> None:
        """As the parent does, for any method at all."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        self._hand_on()

    def log_message(self, *_what: object) -> None:
        """The web server keeps its own log."""

    def _hand_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self._is_cut:
            self._network.counts["cut"] += 1
            self._hang_up()
            return
        kept = [(name, value) for name, value in self.headers.items() if self._passes(name)]
        fate = self._network.fate_of(self.command, self.path.partition("?")[0])
        try:
            answer = self._network.ask(self.command, self.path, body, kept)
            if self.path == WORKER and self._network.edition:
                answer.body += f"\n// edition {self._network.edition}\n".encode()
        except (OSError, client.HTTPException):
            self._hang_up()
            return
        # A cut in the meantime takes the answer as well.
        if fate == "lost" or self._is_cut:
            self._hang_up()
        else:
            self._give(answer, torn=fate == "torn")

    def _passes(self, name: str) -> bool:
        """A packed service worker could not be given another edition."""
        return _goes_on(name) and (self.path != WORKER or name.lower() != "accept-encoding")

    def _give(self, answer: _Answer, *, torn: bool) -> None:
        bodiless = self.command == "HEAD" or answer.status in (204, 304)
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.headers:
            if _goes_on(name):
                self.send_header(name, value)
        if not bodiless:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if bodiless:
            return
        self.wfile.write(answer.body[: len(answer.body) // 2] if torn else answer.body)
        if torn:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


class Cable(ThreadingHTTPServer):
    """One way into a network, on a port of its own. `pulled` is True while nothing gets through it."""

    daemon_threads = True

    def __init__(self, network: Network) -> None:
        self.network = network
        self.pulled = False
        super().__init__((LOOPBACK, 0), _Handler)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away is part of the day."""


def _goes_on(name: str) -> bool:
    return name.lower() not in OF_ONE_HOP
