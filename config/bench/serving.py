"""gunicorn for the bench: on a socket of its own, as many workers as asked, stopped with the block."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from config.bench.crew import environment
from config.bench.databases import Address

PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Web:
    """A web server: the path of its socket, and the process that started its workers."""

    socket: str
    pid: int


class NotServing(RuntimeError):
    """gunicorn did not open its socket; the message holds what it said."""


@contextmanager
def serving(address: Address, *, workers: int, root: Path) -> Iterator[Web]:
    """Serve the site on a database until the end of the block."""
    with TemporaryDirectory(prefix="waraqa-bench-") as folder:
        listening, log = Path(folder) / "http.sock", Path(folder) / "log"
        command = [
            sys.executable, "-m", "gunicorn", "config.bench.wsgi:application",
            "--workers", str(workers), "--bind", f"unix:{listening}", "--log-level", "warning",
        ]  # fmt: skip
        with log.open("wb") as output:
            server = subprocess.Popen(
                command,
                cwd=root,
                env={**os.environ, **environment(address)},
                stdout=output,
                stderr=output,
            )
        try:
            _wait(server, listening, log)
            yield Web(str(listening), server.pid)
        finally:
            server.terminate()
            server.wait()


def _wait(server: subprocess.Popen[bytes], listening: Path, log: Path) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not listening.exists():
        if server.poll() is not None or time.monotonic() > end:
            raise NotServing(log.read_text(errors="replace")[-2000:])
        time.sleep(0.05)
