"""Requests prepared beforehand and sent by four connections, from a process of their own.

Standard library only: the client must cost little beside the server it shares the machine with.
"""

import json
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

BARE = "bench/bare"
SELECT_ONE = "bench/select-one"
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Sent:
    """What a burst of requests met: seconds of each, of all together, and answers that were no success."""

    seconds: tuple[float, ...]
    whole: float
    refused: tuple[str, ...]


def request_bytes(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """One HTTP/1.1 POST as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += ["Content-Type: application/json", f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def send_all(address: str, requests: Sequence[bytes], connections: int) -> Sent:
    """Send the requests over so many connections at once, each as soon as it has its answer."""
    shares = [requests[number::connections] for number in range(connections)]
    seconds: list[list[float]] = [[] for _share in shares]
    refused: list[str] = []
    threads = [
        threading.Thread(target=_send_share, args=(address, share, seconds[number], refused))
        for number, share in enumerate(shares)
    ]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = time.perf_counter() - start
    return Sent(tuple(each for share in seconds for each in share), whole, tuple(refused))


def _send_share(
    address: str, share: Sequence[bytes], seconds: list[float], refused: list[str]
) -> None:
    for request in share:
        start = time.perf_counter()
        try:
            answer = _exchange(address, request)
        except OSError as error:
            refused.append(repr(error))
            return
        seconds.append(time.perf_counter() - start)
        if b" 20" not in answer[:16]:
            refused.append(answer.decode(errors="replace")[:2000])


def _exchange(address: str, request: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        connection.sendall(request)
        parts = []
        while part := connection.recv(_CHUNK):
            parts.append(part)
    return b"".join(parts)


def body_of(value: object) -> bytes:
    """Canonical enough for a request body: JSON without spaces."""
    return json.dumps(value, separators=(",", ":")).encode()
