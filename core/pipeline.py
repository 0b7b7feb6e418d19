"""Several statements in one round trip, and writes that wait until there is something to send them with.

`ask` sends questions together. Inside `transaction()` a `write` is put off: it leaves with the next
statement, whoever makes it, or with the COMMIT. What is put off side by side leaves as one statement.
Outside `transaction()` a write is made at once: services need not know where they are called from.
"""

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import UUID

import psycopg
from django.db import connection
from django.db.transaction import atomic
from psycopg.pq import TransactionStatus
from psycopg.types.string import TextLoader

_FEW = 50
T = TypeVar("T")
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """A statement with its values, and what its rows mean; understanding them may raise a refusal.

    `text_keys`: its rows give keys as text, as work on thousands holds them (`core.record_keys`).
    """

    text: str
    values: Sequence[Any]
    understand: Callable[[list[Row]], T]
    text_keys: bool = False


@dataclass(slots=True)
class _Waiting:
    """What an open `transaction()` has put off. `owns` tells whether COMMIT is its to send."""

    owns: bool
    checks: list[Question[None]] = field(default_factory=list)
    together: list[Question[None]] = field(default_factory=list)
    after: list[Question[None]] = field(default_factory=list)
    sending: bool = False


class _Here(threading.local):
    """The open transaction of this thread, which has one connection."""

    waiting: _Waiting | None = None


_here = _Here()


@contextmanager
def transaction() -> Iterator[None]:
    """A transaction whose writes are put off. Inside another one it is part of it."""
    if _here.waiting is not None:
        yield
        return
    waiting = _Waiting(owns=not connection.in_atomic_block)
    with atomic():
        _here.waiting = waiting
        try:
            with connection.execute_wrapper(partial(_in_order, waiting)):
                yield
                # An answer that may still refuse is heard before COMMIT leaves.
                _send_what_waits(commit=waiting.owns and not waiting.checks)
        finally:
            _here.waiting = None


def ask(*questions: Question[Any]) -> tuple[Any, ...]:
    """Send questions, after what was put off, in one round trip; return what each one understood.

    They are answered in their order, each seeing what the database holds when its turn comes: a question
    that locks protects those after it.
    """
    waiting = _here.waiting
    put_off = _taken(waiting) if waiting else []
    answers = _send([*put_off, *questions])
    return tuple(answers[len(put_off) :])


def ask_one(question: Question[T]) -> T:
    """Send one question and return what it understood."""
    (answer,) = ask(question)
    return answer  # type: ignore[no-any-return]


def check(question: Question[None]) -> None:
    """Ask something whose answer only may refuse; put off inside `transaction()`."""
    waiting = _here.waiting
    if waiting is None:
        ask(question)
        return
    waiting.checks.append(question)


def write(text: str, values: Sequence[Any], *, sees_the_others: bool = False) -> None:
    """Make a write whose result nobody needs; put off inside `transaction()`.

    Writes put off become one statement, in which none sees the rows of another; one that must see them
    says `sees_the_others`, and comes after them.
    """
    waiting, asked = _here.waiting, Question(text, values, _nothing)
    if waiting is None:
        _send([asked])
    else:
        (waiting.after if sees_the_others else waiting.together).append(asked)


def send_what_waits() -> None:
    """Send what was put off, if anything was; for what does not go through a cursor's `execute`."""
    _send_what_waits(commit=False)


def _send_what_waits(*, commit: bool) -> None:
    waiting = _here.waiting
    statements = _taken(waiting) if waiting else []
    if statements:
        _send(statements, commit=commit)


def _taken(waiting: _Waiting) -> list[Question[Any]]:
    """Take away what was put off, to send it."""
    statements = [*waiting.checks, *_as_one(waiting.together), *waiting.after]
    for put_off in (waiting.checks, waiting.together, waiting.after):
        put_off.clear()
    return statements


def _as_one(writes: Sequence[Question[None]]) -> list[Question[None]]:
    """Make one statement of several writes."""
    if len(writes) < 2:
        return list(writes)
    parts = ", ".join(f"w{number} AS ({each.text})" for number, each in enumerate(writes))
    values = [value for each in writes for value in each.values]
    return [Question(f"WITH {parts} SELECT", values, _nothing)]


def _in_order(
    waiting: _Waiting, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
) -> Any:
    """Around every statement of Django's cursors: what was put off before it goes before it."""
    if not waiting.sending:
        _send_what_waits(commit=False)
    return execute(sql, params, many, context)


def _send(statements: Sequence[Question[Any]], *, commit: bool = False) -> list[Any]:
    """Send statements, with COMMIT if asked, in one round trip, and understand what came back."""
    connection.ensure_connection()
    driver = connection.connection
    waiting = _here.waiting or _Waiting(owns=False)
    waiting.sending = True
    try:
        with connection.wrap_database_errors, driver.pipeline() as trip:
            _begin(driver, trip)
            cursors = [_executed(driver, each) for each in statements]
            if commit:
                psycopg.Cursor(driver).execute("COMMIT", prepare=False)
    finally:
        waiting.sending = False
    return [
        each.understand(cursor.fetchall() if cursor.description else [])
        for each, cursor in zip(statements, cursors, strict=True)
    ]


def _begin(driver: Any, trip: Any) -> None:
    """Open the transaction Django expects in the same trip; psycopg would wait for BEGIN's answer."""
    if not driver.autocommit and driver.info.transaction_status == TransactionStatus.IDLE:
        driver.pgconn.send_query_params(b"BEGIN", None)
        trip.result_queue.append(None)


class Array(str):
    """Values of an array of any length as PostgreSQL reads them: one text, made at once."""

    __slots__ = ()

    @classmethod
    def of(cls, values: Iterable[UUID | str | int | None]) -> "Array":
        """The array of these keys, texts, whole numbers or flags.

        JSON writes an array as PostgreSQL does but for what stands behind a backslash.
        """
        known = list(values)
        text = json.dumps(known, ensure_ascii=False, default=str)[1:-1]
        return cls("{" + (",".join(map(_item, known)) if "\\" in text else text) + "}")


def _item(value: UUID | str | int | None) -> str:
    if value is None:
        return "NULL"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


class _PreparingCursor(psycopg.Cursor[Row]):
    """Binds values on the server and has a statement planned once a connection, unless it asks about
    many: that one is worth a plan of its own.

    Django's own cursors do neither, so that its queries are planned for their values.
    """

    def execute(self, query: Any, params: Any = None, **options: Any) -> "_PreparingCursor":
        about_many = any(
            isinstance(value, Array) or (isinstance(value, list) and len(value) > _FEW)
            for value in params
        )
        return super().execute(query, params, **{**options, "prepare": not about_many})


def _executed(driver: Any, statement: Question[Any]) -> Any:
    """Queue one statement on a cursor of its own, wrapped as Django wraps its cursors."""
    bare = _PreparingCursor(driver)
    if statement.text_keys:
        bare.adapters.register_loader("uuid", TextLoader)
    cursor = connection._prepare_cursor(bare)
    cursor.execute(statement.text, statement.values)
    return cursor


def _nothing(_rows: list[Row]) -> None:
    return None
