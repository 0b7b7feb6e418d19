"""Transaction-level locks: no two writers ever share an insured person.

Work is shared out by *bucket*, the last byte of the insured person's key (UUIDv7 ends in random bits).
Who writes for one person holds that person alone, and the bucket in common with others; who writes for
thousands holds their buckets alone. Both wait for each other, and take locks in one order.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection

BUCKETS = 256
# The space of bucket locks, apart from the 64-bit locks of persons and lists.
BUCKET_SPACE = 1_400_000_001
# Beyond so many persons a writer takes their buckets: the server's lock table is small.
_MANY = 50


def bucket_of(insured_id: UUID) -> int:
    """Return the bucket of an insured person: 0 to 255."""
    return insured_id.int & (BUCKETS - 1)


def hold(insured_id: UUID) -> None:
    """Wait for, then hold until the end of the transaction, everything written for one person."""
    hold_all([insured_id])


def hold_all(insured_ids: Iterable[UUID]) -> None:
    """Hold several persons, or their whole buckets when they are many: one statement each way."""
    keys = sorted(set(insured_ids), key=lambda key: (bucket_of(key), key))
    if not keys:
        return
    if len(keys) > _MANY:
        hold_buckets(sorted({bucket_of(key) for key in keys}))
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(%s, bucket),"
            " pg_advisory_xact_lock(hashtextextended(key, 0))"
            " FROM unnest(%s::int[], %s::text[]) AS held (bucket, key)",
            [BUCKET_SPACE, [bucket_of(key) for key in keys], [str(key) for key in keys]],
        )


def hold_buckets(buckets: Sequence[int]) -> None:
    """Hold every person of these buckets, given in ascending order, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, bucket) FROM unnest(%s::int[]) AS bucket",
            [BUCKET_SPACE, list(buckets)],
        )


def hold_names(names: Iterable[str]) -> None:
    """Hold things that only their name tells apart (a box by its serial), until the end of the transaction.

    After the person, and all in one call: a transaction takes them in one order.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(name, 2)) FROM unnest(%s::text[]) AS name",
            [sorted(set(names))],
        )


def person_lock(column: str) -> str:
    """Return what a SELECT asks to hold the person whose key stands in `column`, as `hold` does."""
    return (
        f"pg_advisory_xact_lock_shared({BUCKET_SPACE}, get_byte(uuid_send({column}), 15)),"
        f" pg_advisory_xact_lock(hashtextextended({column}::text, 0))"
    )


# Holds a sheet's number, after its person; the number is the value.
NUMBER_LOCK = "pg_advisory_xact_lock(hashtextextended(%s, 1))"
