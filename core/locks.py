"""Transaction-level locks on things that two writers must not judge at once."""

from uuid import UUID

from django.db import connection


def hold(key: UUID) -> None:
    """Wait for, then hold until the end of the transaction, the lock of the thing named by `key`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(key)])
