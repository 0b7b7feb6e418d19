"""Rows by thousands: COPY of what a model's table holds, and copies of a whole town by one statement."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection, models

Row = Mapping[str, Any]

# Keys of a town are UUIDv7 whose first eight digits say what they are and, in the last three of these,
# which town: a copy of a town is the same rows with other digits there, in its own pages of each index.
HISTORY_KEYS = 0x01900
QUEUE_KEYS = 0x01988
TOWN_DIGITS_AT, TOWN_DIGITS = 6, 3
PATTERNS = "bench"


class Keys:
    """Mints the keys of town 0, in order, with random ends drawn from a seed."""

    def __init__(self, family: int, draw: Any) -> None:
        self._head, self._draw, self._serial = f"{family:05x}000", draw, 0

    def __call__(self) -> UUID:
        self._serial += 1
        high, low = divmod(self._serial, 4096)
        end = self._draw.getrandbits(62) | 1 << 63
        return UUID(f"{self._head}{high:04x}7{low:03x}{end:016x}")


def copy_in(model: type[models.Model], rows: Iterable[Row], *, into: str = "public") -> None:
    """COPY rows into a model's table; what a row does not say takes the field's default."""
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields]
    defaults = {field.attname: _filler(field) for field in fields}
    columns = ", ".join(f'"{field.column}"' for field in fields)
    command = f"COPY {into}.{model._meta.db_table} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(command) as copy:
        for row in rows:
            copy.write_row([row.get(name, defaults[name]) for name in names])


def _filler(field: models.Field) -> Any:
    if field.has_default() and not callable(field.default):
        return field.default
    return "" if field.empty_strings_allowed and not field.null else None


def make_patterns(patterns: Iterable[type[models.Model]], *, filled: bool) -> None:
    """Keep tables of the same shape in a schema of their own, empty or with all that is there now."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {PATTERNS}")
        for model in patterns:
            table = model._meta.db_table
            cursor.execute(f"DROP TABLE IF EXISTS {PATTERNS}.{table}")
            cursor.execute(f"CREATE TABLE {PATTERNS}.{table} (LIKE public.{table})")
            if filled:
                cursor.execute(f"INSERT INTO {PATTERNS}.{table} SELECT * FROM public.{table}")


def copy_pattern(
    model: type[models.Model],
    town: int,
    *,
    kept: frozenset[type[models.Model]],
    changed: Mapping[str, str],
) -> None:
    """Write a pattern's rows for a town, its keys in place of town 0's.

    Keys of `kept` models, shared lists, stay. `changed` gives the SQL of what else differs, by the
    type of a field or the name of a column; `{old}` in it stands for the column.
    """
    columns, values = [], []
    for field in model._meta.concrete_fields:
        column = f'"{field.column}"'
        columns.append(column)
        rule = changed.get(field.column) or changed.get(field.get_internal_type())
        if rule is not None:
            values.append(rule.format(old=column))
        elif _is_of_the_town(field, kept):
            values.append(in_town(column, town))
        else:
            values.append(column)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO public.{table} ({', '.join(columns)})"
            f" SELECT {', '.join(values)} FROM {PATTERNS}.{table}"
        )


def in_town(column: str, town: int) -> str:
    """SQL of a key of town 0 as another town has it."""
    digits = f"{town:0{TOWN_DIGITS}x}"
    return f"overlay({column}::text placing '{digits}' from {TOWN_DIGITS_AT})::uuid"


def keys_of(family: int, town: int) -> tuple[str, str]:
    """The lowest and the highest key of a family in a town."""
    head = f"{family:05x}{town:0{TOWN_DIGITS}x}"
    return (f"{head}-0000-0000-0000-000000000000", f"{head}-ffff-ffff-ffff-ffffffffffff")


def _is_of_the_town(field: models.Field, kept: frozenset[type[models.Model]]) -> bool:
    if isinstance(field, models.ForeignKey):
        target = field.target_field
        return isinstance(target, models.UUIDField) and field.related_model not in kept
    return isinstance(field, models.UUIDField)


@contextmanager
def unchecked() -> Iterator[None]:
    """Load without checking keys row by row and without triggers; back to normal after the block."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = origin")
