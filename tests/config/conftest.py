"""A place of its own for the servers of a test, reachable by the account that runs them."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded import supervisor
from config.embedded.addresses import Place, place_of


@pytest.fixture
def checkout() -> Iterator[Path]:
    """An empty folder that stands for a checkout; short, for sockets, and open to be entered."""
    folder = Path(tempfile.mkdtemp(prefix="wq-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def place(checkout: Path) -> Iterator[Place]:
    """Where the servers of that checkout live; stopped after the test, however it ended."""
    where = place_of(checkout)
    yield where
    supervisor.down(where, supervisor.SERVERS)


@pytest.fixture
def as_root() -> None:
    """Only root can change accounts, and so meet a checkout the servers cannot enter."""
    if os.geteuid() != 0:
        pytest.skip("only root runs the servers under another account")
