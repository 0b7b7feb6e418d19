"""Writing many complete rows at once: COPY for thousands, one INSERT for a few."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from psycopg import sql

# Below this COPY costs more round trips than it saves.
_FEW = 60


def append_rows(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Append rows to `table` in one statement; every column of the table is given, by name."""
    if not rows:
        return
    names = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    parts = {"table": sql.Identifier(table), "names": names}
    with connection.cursor() as cursor:
        if len(rows) <= _FEW:
            row = sql.SQL("({})").format(sql.SQL(", ").join([sql.Placeholder()] * len(columns)))
            query = sql.SQL("INSERT INTO {table} ({names}) VALUES ").format(**parts)
            cursor.execute(
                query + sql.SQL(", ").join([row] * len(rows)),
                [value for each in rows for value in each],
            )
            return
        with cursor.copy(sql.SQL("COPY {table} ({names}) FROM STDIN").format(**parts)) as copy:
            for each in rows:
                copy.write_row(each)
