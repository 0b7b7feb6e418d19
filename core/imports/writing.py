"""Writing versions: COPY into a temporary table, then one statement for the whole set."""

import zlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection, models
from psycopg import sql

from core.audit import Actor, actor_id
from core.models import AuditEvent
from core.record_keys import new_key


def take_list(name: str) -> None:
    """Wait for any other import of this list and keep the next ones out until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [zlib.crc32(f"list:{name}".encode())])


def latest_boundary(model: type[models.Model]) -> date | None:
    """The last day on which a version of this list starts or ends; None when the list is empty."""
    query = sql.SQL("SELECT max(greatest(lower(period), upper(period))) FROM {table}").format(
        table=_table(model)
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def insert_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Insert complete rows (every column of the table, by column name); returns how many."""
    staged = _stage(model, columns, rows)
    names = _names(columns)
    query = sql.SQL("INSERT INTO {table} ({names}) SELECT {names} FROM {staged}")
    return _run(query.format(table=_table(model), names=names, staged=staged))


def update_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Update rows by their `id`, which must be the first column; returns how many."""
    staged = _stage(model, columns, rows)
    setting = sql.SQL(", ").join(
        sql.SQL("{column} = new.{column}").format(column=sql.Identifier(column))
        for column in columns[1:]
    )
    query = sql.SQL(
        "UPDATE {table} AS old SET {setting} FROM {staged} AS new WHERE old.id = new.id"
    )
    return _run(query.format(table=_table(model), setting=setting, staged=staged))


def delete_rows(model: type[models.Model], ids: Sequence[Any]) -> int:
    """Delete rows by their `id`, without the history a model writes by itself; returns how many."""
    staged = _stage(model, ["id"], ([identifier] for identifier in ids))
    query = sql.SQL("DELETE FROM {table} AS old USING {staged} AS new WHERE old.id = new.id")
    return _run(query.format(table=_table(model), staged=staged))


def end_versions(model: type[models.Model], ids: Sequence[Any], valid_from: date) -> int:
    """Close versions at `valid_from`; one that starts that very day is withdrawn. Returns how many."""
    staged = _stage(model, ["id"], ([identifier] for identifier in ids))
    withdrawn = sql.SQL(
        "DELETE FROM {table} AS old USING {staged} AS new "
        "WHERE old.id = new.id AND lower(old.period) = {day}"
    )
    closed = sql.SQL(
        "UPDATE {table} AS old SET period = daterange(lower(old.period), {day}) "
        "FROM {staged} AS new WHERE old.id = new.id"
    )
    parts = {"table": _table(model), "staged": staged, "day": sql.Literal(valid_from)}
    return _run(withdrawn.format(**parts)) + _run(closed.format(**parts))


def write_history(model: Any, ids: Sequence[Any], *, sign: str, at: datetime, reason: str) -> None:
    """Copy these rows as they stand into the model's history (`+` made, `~` changed)."""
    columns = [field.column for field in model._meta.concrete_fields]
    query = sql.SQL(
        "INSERT INTO {history} ({names}, history_date, history_type, history_change_reason) "
        "SELECT {names}, {at}, {sign}, {reason} FROM {table} WHERE id = ANY({ids})"
    )
    parts = {
        "history": _table(model.history.model),
        "table": _table(model),
        "names": _names(columns),
        "at": sql.Literal(at),
        "sign": sql.Literal(sign),
        "reason": sql.Literal(reason[:100]),
        "ids": sql.Literal(list(ids)),
    }
    if ids:
        _run(query.format(**parts))


def record_import(
    *, by: Actor, at: datetime, model: type[models.Model], list_name: str, after: dict[str, Any]
) -> None:
    """Append to the audit trail that a list was imported; its subject is the list, not one row."""
    AuditEvent.objects.create(
        at=at,
        actor=actor_id(by),
        action=f"import.{list_name}",
        subject_type=model._meta.label,
        subject_id=f"list:{list_name}",
        after=after,
    )


def _stage(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> sql.Identifier:
    """COPY rows into a temporary table with the types of the model's columns."""
    name = sql.Identifier(f"import_{new_key().hex}")
    create = sql.SQL(
        "CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS SELECT {names} FROM {table} WITH NO DATA"
    )
    copying = sql.SQL("COPY {name} ({names}) FROM STDIN").format(name=name, names=_names(columns))
    with connection.cursor() as cursor:
        cursor.execute(create.format(name=name, names=_names(columns), table=_table(model)))
        with cursor.copy(copying) as copy:
            for row in rows:
                copy.write_row(row)
    return name


def _run(query: sql.Composed) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.rowcount)


def _table(model: type[models.Model]) -> sql.Identifier:
    return sql.Identifier(model._meta.db_table)


def _names(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column) for column in columns)
