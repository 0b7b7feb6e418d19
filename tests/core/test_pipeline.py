"""Writes put off, sent together, in order, and undone together."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from core import pipeline
from core.appending import append, append_rows, appending
from core.models import AuditEvent
from core.pipeline import Array, Question
from core.record_keys import new_text_key
from tests import world

pytestmark = pytest.mark.django_db

COUNT = Question("SELECT count(*) FROM core_auditevent", [], lambda rows: rows[0][0])
ORPHAN = (
    "INSERT INTO providers_agreementperiod (id, provider_id, period)"
    " VALUES (gen_random_uuid(), gen_random_uuid(), '[2020-01-01,)')"
)


def event(action: str) -> AuditEvent:
    return AuditEvent(
        at=world.NOW, actor="system:test", action=action, subject_type="job", subject_id="1"
    )


def written() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


@contextmanager
def overheard() -> Iterator[list[str]]:
    """The statements Django's cursors are given, in their order."""
    said: list[str] = []

    def listen(execute, sql, params, many, context):
        said.append(str(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        yield said


def inserts(said: list[str]) -> list[str]:
    return [text for text in said if "INSERT" in text]


def test_a_write_outside_a_transaction_is_made_at_once():
    append(event("alone"))
    assert written() == ["alone"]


def test_a_row_that_is_there_is_left_out_when_asked():
    first, second = event("there"), event("new")
    append(first)

    append(first, second, unless_there=True)
    assert written() == ["there", "new"]
    with pytest.raises(IntegrityError), transaction.atomic():
        append(first)


def test_writes_leave_as_one_statement_when_the_block_ends():
    with overheard() as heard, pipeline.transaction():
        append(event("first"))
        append(event("second"))
        assert inserts(heard) == []
    (said,) = inserts(heard)
    assert said.count("INSERT INTO") == 2
    assert written() == ["first", "second"]


def test_what_was_put_off_goes_before_any_other_statement():
    with pipeline.transaction():
        append(event("first"))
        assert written() == ["first"]


def test_a_savepoint_undoes_what_was_put_off_inside_it_and_nothing_else():
    with pipeline.transaction():
        append(event("kept"))
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            append(event("undone"))
            raise ZeroDivisionError
        append(event("kept too"))
    assert written() == ["kept", "kept too"]


def test_a_failure_undoes_everything_and_sends_nothing():
    with (
        overheard() as heard,
        pytest.raises(ZeroDivisionError),
        pipeline.transaction(),
    ):
        append(event("never"))
        raise ZeroDivisionError
    assert inserts(heard) == []
    assert written() == []


def test_a_transaction_inside_another_is_part_of_it():
    with pytest.raises(ZeroDivisionError), pipeline.transaction():
        with pipeline.transaction():
            append(event("inner"))
        raise ZeroDivisionError
    assert written() == []


def test_questions_are_answered_in_order_each_seeing_what_came_before():
    with pipeline.transaction():
        append(event("first"))
        assert pipeline.ask(COUNT, COUNT) == (1, 1)
        append(event("second"))
        assert pipeline.ask_one(COUNT) == 2
    assert pipeline.ask(COUNT, COUNT) == (2, 2)


def test_a_write_that_must_see_the_others_comes_after_them():
    last = "UPDATE core_cache SET value = '' WHERE false"
    with overheard() as heard, pipeline.transaction():
        pipeline.write(last, [], sees_the_others=True)
        append(event("first"))
    assert heard.index(last) > heard.index(inserts(heard)[0])


def test_a_refused_value_is_a_django_error():
    with pytest.raises(DataError), pipeline.transaction():
        append(event("x" * 100))
    assert written() == []


def test_a_value_no_column_holds_is_refused_before_anything_is_sent():
    with pytest.raises(TypeError, match="no column holds a set"):
        append(AuditEvent(at=world.NOW, actor={"nobody"}, action="a", subject_type="b"))


@pytest.mark.django_db(transaction=True)
def test_commit_leaves_with_the_writes_and_is_obeyed():
    """What only COMMIT checks is refused whole; then the connection serves, hooks run after COMMIT."""
    with pytest.raises(IntegrityError), pipeline.transaction():
        append(event("never"))
        pipeline.write(ORPHAN, [])
    assert (written(), connection.in_atomic_block) == ([], False)

    seen: list[list[str]] = []
    with pipeline.transaction():
        append(event("first"))
        transaction.on_commit(lambda: seen.append(written()))
        assert seen == []
    assert seen == [["first"]]

    with pytest.raises(ZeroDivisionError), pipeline.transaction():
        append(event("undone"))
        assert pipeline.ask_one(COUNT) == 2
        raise ZeroDivisionError
    assert written() == ["first"]


ODD = ["", "None", "null", "NULL", "a\tb", "a\nb", "a\rb", "\\N", "\\.", 'say "x"', "{a,b}", "نعم"]


def test_an_array_comes_back_whatever_its_texts() -> None:
    for values in (ODD, ["PAID", "HELD"], [*ODD, None], []):
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::text[]", [Array.of(values)])
            assert cursor.fetchone() == (values,)
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::bigint[], %s::bool[]", [Array.of([1, -2]), Array.of([True])])
        assert cursor.fetchone() == ([1, -2], [True])


@pytest.mark.parametrize("texts", [["plain", "b c"], ODD])
@pytest.mark.parametrize("rows", [1, 40])
@pytest.mark.parametrize("insured", [None, "019a0000-0000-7000-8000-000000000001"])
def test_rows_come_back_by_insert_and_by_copy(texts, rows, insured) -> None:
    columns = ("id", "at", "actor", "action", "subject_type", "subject_id", "insured_id")
    told = [text for text in texts for _row in range(rows)]
    append_rows(
        "core_auditevent",
        columns,
        [(new_text_key(), world.NOW, "system:test", text, "job", "1", insured) for text in told],
    )
    assert written() == told
    known = AuditEvent.objects.values_list("at", "insured_id").distinct()
    assert list(known) == [(world.NOW, UUID(insured) if insured else None)]


@pytest.mark.parametrize("many", [False, True])
def test_rows_handed_in_while_they_are_made_leave_by_one_statement(many) -> None:
    columns = ("id", "at", "actor", "action", "subject_type", "subject_id")
    with overheard() as heard, appending("core_auditevent", columns, many=many) as add:
        for number in range(700):
            add([(new_text_key(), world.NOW, "system:test", str(number), "job", "1")])
    assert written() == [str(number) for number in range(700)]
    assert inserts(heard) == []


def test_nothing_is_kept_of_rows_whose_making_fails() -> None:
    columns = ("id", "at", "actor", "action", "subject_type", "subject_id")
    with (
        pytest.raises(LookupError),
        transaction.atomic(),
        appending("core_auditevent", columns, many=True) as add,
    ):
        add([(new_text_key(), world.NOW, "system:test", "lost", "job", "1")] * 600)
        raise LookupError
    assert written() == []
