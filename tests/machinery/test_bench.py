"""The bench on a few hundred claims: the product, two workers, single requests and SQL agree on every line."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from psycopg import sql

from config.bench.databases import Address
from config.bench.wire import awaited, commits, counted
from prescriptions.models import Medicine
from tests import world

pytestmark = [pytest.mark.machinery, pytest.mark.django_db(transaction=True)]

KEYS_OF_SETTLE = {
    "ratio_floor", "ratio_sql", "ratio_naive", "ratio_two_workers", "ratio_history_10x", "cpu_us",
    "statements", "commits", "wal_bytes", "stored_bytes", "hot_share", "peak_mb", "lines",
    "lines_equal",
}  # fmt: skip


def bench(*words: str) -> dict[str, Any]:
    """Run the command in databases that the test's own name prefixes."""
    address = Address.of(connection.settings_dict)
    done = subprocess.run(
        [sys.executable, "manage.py", "bench", *words, "--history", "100", "--json"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": address.url},
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture(autouse=True)
def no_database_left() -> Any:
    yield
    address = Address.of(connection.settings_dict)
    with address.called("postgres").connect() as server:
        left = server.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{address.name}_bench%"]
        ).fetchall()
        for (name,) in left:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_every_way_of_settling_decides_every_line_alike() -> None:
    told = bench("settle", "--claims", "60", "--rounds", "1")

    assert set(told) >= KEYS_OF_SETTLE
    assert told["lines"] > 200
    assert told["lines_equal"] == told["lines"]
    assert told["commits"] == 1
    assert told["lines_at_a_ceiling"] > 0


def test_turns_of_the_wire_are_counted() -> None:
    def message(kind: bytes, body: bytes) -> bytes:
        return kind + (len(body) + 4).to_bytes(4, "big") + body

    begin = message(b"Q", b"BEGIN\0")
    prepared = (
        message(b"P", b"one\0SELECT 1\0\0\0")
        + message(b"B", b"\0one\0\0\0\0\0\0\0")
        + message(b"E", b"\0\0\0\0\0")
        + message(b"S", b"")
    )
    copy = message(b"Q", b"COPY t FROM STDIN\0")
    rows = message(b"d", b"1\n") + message(b"c", b"")
    commit = message(b"Q", b"COMMIT\0")
    turns = [begin + prepared, copy, rows, commit]

    assert counted(turns).statements == 2
    assert counted(turns).round_trips == 4
    assert commits(turns) == 1
    assert [awaited(turn) for turn in turns] == [2, 0, 1, 1]


KEYS_OF_SEARCH = {
    "requests", "rounds", "search", "select_1", "ratio_median", "ratio_p95", "kinds", "medicines", "machine",
}  # fmt: skip


def test_a_search_is_measured_on_the_lists_at_hand() -> None:
    world.medicine()

    told = bench("search", "--requests", "2", "--rounds", "1")

    assert set(told) == KEYS_OF_SEARCH
    assert told["medicines"] == 5_917
    assert len(told["kinds"]) == 5
    assert min(told["search"]["median_ms"], told["select_1"]["median_ms"], told["ratio_p95"]) > 0
    assert Medicine.objects.count() == 1
