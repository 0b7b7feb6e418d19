"""What a database of the bench is filled with, from inside it.

Town 0 is drawn, loaded by COPY and judged by the product itself; the other towns are the same rows under
other keys, moved back by months. What settlement neither reads nor writes stays empty: documents, sheets,
dispensings, journals, and of the tables parted by month the months that are over.
"""

from collections.abc import Sequence
from random import Random

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, models

from claims.models import (
    Act,
    CareSheet,
    Claim,
    ClaimLine,
    CountedUse,
    Decision,
    LawVersion,
    LineDecision,
    PriorApproval,
)
from config.bench import product, town
from config.bench.lists import write_lists
from config.bench.rows import (
    HISTORY_KEYS,
    PATTERNS,
    Keys,
    copy_in,
    copy_pattern,
    make_patterns,
    unchecked,
)
from core.models import Transition
from insured.models import Entitlement, Insured, LongTermIllness, Person
from prescriptions.models import Dispensing, Medicine, Prescription
from providers.models import Device, Provider

SHARED: frozenset[type[models.Model]] = frozenset(
    {Act, Medicine, Prescription, Provider, Device, LawVersion, get_user_model()}
)
PEOPLE = (Insured, Person, Entitlement, LongTermIllness, PriorApproval)
SHEETS = (CareSheet, Dispensing, Claim, ClaimLine)
HISTORY = (*PEOPLE, Claim, ClaimLine, Decision, LineDecision, CountedUse, Transition)
# What the settlement of new claims reads of older ones.
READ = (*PEOPLE, Claim, CountedUse)
MONTHS_OF_HISTORY = 10
# Tables parted by the month of what they tell.
BY_MONTH = (LineDecision, Transition)


def draw_first_town(households: int, claims: int) -> None:
    """Create every table, write the lists and town 0, judge its claims, and keep it as the pattern."""
    call_command("migrate", verbosity=0)
    draw = Random(town.SEED)
    lists = write_lists(draw)
    keys = Keys(HISTORY_KEYS, draw)
    people = town.settle_people(households, keys, draw)
    sheets = town.file_claims(people.patients, claims, lists, keys, draw, past=True)
    with unchecked():
        copy_in(Insured, people.insured)
        copy_in(Person, people.persons)
        copy_in(Entitlement, people.rights)
        copy_in(LongTermIllness, people.illnesses)
        copy_in(PriorApproval, people.approvals)
        copy_sheets(sheets, into="public")
    product.judge_history()
    make_patterns(HISTORY, filled=True)
    _take_indexes_away()


def copy_sheets(sheets: town.Sheets, *, into: str) -> None:
    copy_in(CareSheet, sheets.sheets, into=into)
    copy_in(Dispensing, sheets.dispensings, into=into)
    copy_in(Claim, sheets.claims, into=into)
    copy_in(ClaimLine, sheets.lines, into=into)


def copy_towns(first: int, last: int) -> None:
    """Write towns `first` to `last` from the pattern of town 0, each decided in another month."""
    with unchecked():
        for number in range(first, last + 1):
            months = number % MONTHS_OF_HISTORY
            changed = {
                "registration_number": f"'{number:03d}' || right({{old}}, 6)",
                "DateTimeField": f"{{old}} - interval '{30 * months} days'",
            }
            for model in HISTORY:
                if not months or model not in BY_MONTH:
                    copy_pattern(model, number, kept=SHARED, changed=changed)


# Every index of a table but the one of its key, and those that keys of other tables rest on.
_INDEXES = """
SELECT format('%%s', quoted.name), coalesce(own.conname, ''),
  CASE WHEN own.oid IS NULL THEN pg_get_indexdef(index.indexrelid)
  ELSE format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', index.indrelid::regclass, own.conname,
              pg_get_constraintdef(own.oid)) END
FROM pg_index index
JOIN LATERAL (SELECT index.indexrelid::regclass::text AS name) quoted ON true
LEFT JOIN pg_constraint own ON own.conindid = index.indexrelid AND own.contype IN ('u', 'x')
WHERE index.indrelid = %s::regclass AND NOT index.indisprimary AND NOT EXISTS (
  SELECT FROM pg_constraint far WHERE far.conindid = index.indexrelid AND far.contype = 'f')
"""


def _take_indexes_away() -> None:
    """Keep how the indexes of the history are made: over millions of rows, making them once is faster."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {PATTERNS}.index (statement text)")
        for model in HISTORY:
            table = model._meta.db_table
            cursor.execute(_INDEXES, [table])
            for name, constraint, statement in cursor.fetchall():
                cursor.execute(f"INSERT INTO {PATTERNS}.index VALUES (%s)", [statement])
                cursor.execute(
                    f'ALTER TABLE {table} DROP CONSTRAINT "{constraint}"'
                    if constraint
                    else f"DROP INDEX {name}"
                )


def indexes_to_make() -> list[str]:
    """The statements that bring the indexes of the history back."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT statement FROM {PATTERNS}.index")
        return [statement for (statement,) in cursor.fetchall()]


def make_indexes(statements: Sequence[str]) -> None:
    """Bring indexes back."""
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '256MB'")
        for statement in statements:
            cursor.execute(statement)


def bring_up_to_date() -> None:
    """Apply the migrations a kept stock has not seen: none of them changed what it holds."""
    call_command("migrate", verbosity=0)


def finish() -> None:
    """Settle what settlement reads of a history, as time would, and keep the server from doing more.

    The rest is never read: setting its hint bits would only write it all once more, in mid-measure.
    """
    with connection.cursor() as cursor:
        for model in HISTORY:
            for table in _tables(model):
                cursor.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
        cursor.execute("ANALYZE")
        for model in READ:
            cursor.execute(f"VACUUM {model._meta.db_table}")


def _tables(model: type[models.Model]) -> list[str]:
    """A model's table, or the partitions of it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relid::text FROM pg_partition_tree(%s::regclass) WHERE isleaf",
            [model._meta.db_table],
        )
        return [name for (name,) in cursor.fetchall()]
