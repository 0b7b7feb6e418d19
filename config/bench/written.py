"""What was written, as the server counts it: WAL, files, updates that stayed in their page."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from psycopg import Connection


def lsn(eye: Connection) -> int:
    """Where the write-ahead log stands, in bytes."""
    return _number(eye, "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')")


def stored(eye: Connection) -> int:
    """Bytes of every table of the product, indexes included."""
    return _number(
        eye,
        "SELECT sum(pg_total_relation_size(oid)) FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    )


@contextmanager
def hot_share(eye: Connection, table: str) -> Iterator[Callable[[], float]]:
    """Yield what tells, after the block, which share of its updates of `table` was HOT."""
    before = _updates(eye, table)
    after: list[tuple[int, int]] = []

    def share() -> float:
        updated, hot = (now - then for now, then in zip(after[0], before, strict=True))
        return hot / updated if updated else 0.0

    yield share
    after.append(_updates(eye, table))


def _updates(eye: Connection, table: str) -> tuple[int, int]:
    row = eye.execute(
        "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = %s", [table]
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _number(eye: Connection, query: str) -> int:
    row = eye.execute(query).fetchone()  # type: ignore[arg-type]
    return int(row[0]) if row else 0
