"""Writing many complete rows at once: COPY for thousands, one INSERT for a few."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model
from psycopg import Copy, sql

from core import pipeline

# Below this COPY costs more round trips than it saves.
_FEW = 60
# Rows that are sent together while more are made: some hundred kilobytes.
_ROWS_A_BLOCK = 500


def append(*rows: Model, unless_there: bool = False) -> None:
    """Append new rows of one model, keys included.

    `unless_there`: a row that a unique constraint of the table refuses is left out, without a word.
    """
    if not rows:
        return
    table, columns, attributes = _shape(type(rows[0]))
    values = [[getattr(row, name) for name in attributes] for row in rows]
    if unless_there:
        _write(_insert(table, columns) + " ON CONFLICT DO NOTHING", columns, values)
    else:
        append_rows(table, columns, values)


def append_rows(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Append rows to `table` in one statement; every column of the table is given, by name.

    Rows hold keys, texts, whole numbers, flags, days and instants; arrays as `pipeline.Array`.
    """
    if not rows:
        return
    if len(rows) <= _FEW:
        _write(_insert(table, tuple(columns)), columns, rows)
        return
    with _copying(table, columns) as copy:
        _copy_rows(copy, rows)


@contextmanager
def appending(
    table: str, columns: Sequence[str], *, many: bool
) -> Iterator[Callable[[Iterable[Sequence[Any]]], None]]:
    """Append the rows that are handed in within the block, by one statement.

    `many`: thousands are expected, and leave while the next ones are made; within the block nothing else
    is then asked of the database.
    """
    waiting: list[Sequence[Any]] = []
    if not many:
        yield waiting.extend
        append_rows(table, columns, waiting)
        return
    with _copying(table, columns) as copy:

        def add(rows: Iterable[Sequence[Any]]) -> None:
            waiting.extend(rows)
            if len(waiting) >= _ROWS_A_BLOCK:
                _copy_rows(copy, waiting)
                waiting.clear()

        yield add
        if waiting:
            _copy_rows(copy, waiting)


@contextmanager
def _copying(table: str, columns: Sequence[str]) -> Iterator[Copy]:
    pipeline.send_what_waits()
    names = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    copying = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with connection.cursor() as cursor, cursor.copy(copying) as copy:
        yield copy


def _copy_rows(copy: Copy, rows: Sequence[Sequence[Any]]) -> None:
    block = _block(rows)
    if block:
        copy.write(block)
        return
    for each in rows:
        copy.write_row(each)


def _block(rows: Sequence[Sequence[Any]]) -> str:
    """The rows as the one text COPY reads, or "" where some value is not written as it reads.

    None and lists are not, nor is a text with a tab, an end of line or a backslash.
    """
    if any(isinstance(value, list | dict) for value in rows[0]):
        return ""
    width = len(rows[0])
    line = "\t".join(["%s"] * width) + "\n"
    block = "".join([line % tuple(row) for row in rows])
    is_plain = (
        not any(mark in block for mark in ("None", "\\", "\r"))
        and block.count("\t") == len(rows) * (width - 1)
        and block.count("\n") == len(rows)
    )
    return block if is_plain else ""


def _write(text: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    named = [dict(zip(columns, row, strict=True)) for row in rows]
    pipeline.write(text, [as_json(named)])


def as_json(value: Any) -> str:
    """Return values as the JSON text that PostgreSQL reads rows from."""
    return json.dumps(value, default=_text, separators=(",", ":"))


def _text(value: Any) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):  # and instants
        return value.isoformat()
    raise TypeError(f"no column holds a {type(value).__name__}")


@cache
def _insert(table: str, columns: tuple[str, ...]) -> str:
    """The same text whatever the number of rows: planned once, their types are the table's."""
    names = ", ".join(f'"{column}"' for column in columns)
    return (
        f'INSERT INTO "{table}" ({names})'  # noqa: S608 (names of our own models)
        f' SELECT {names} FROM json_populate_recordset(NULL::"{table}", %s)'
    )


@cache
def _shape(model: type[Model]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Table, columns and attributes of a model."""
    fields = model._meta.concrete_fields
    columns = tuple(str(each.column) for each in fields)
    return model._meta.db_table, columns, tuple(each.attname for each in fields)
