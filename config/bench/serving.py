"""gunicorn for the bench: on a socket of its own, as many workers as asked, stopped with the block."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from config.bench.crew import environment
from config.bench.databases import Address

PATIENCE_SECONDS = 30.0


class NotServing(RuntimeError):
    """gunicorn did not open its socket; the message holds what it said."""


@contextmanager
def serving(address: Address, *, workers: int, root: Path) -> Iterator[str]:
    """Serve the site on a database, and yield the path of the socket."""
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
            yield str(listening)
        finally:
            server.terminate()
            server.wait()


def _wait(server: subprocess.Popen[bytes], listening: Path, log: Path) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not listening.exists():
        if server.poll() is not None or time.monotonic() > end:
            raise NotServing(log.read_text(errors="replace")[-2000:])
        time.sleep(0.05)
