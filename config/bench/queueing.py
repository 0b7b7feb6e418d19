"""The queue of a run: the same claims filed in many towns, and taken away again."""

from collections.abc import Sequence
from random import Random

from django.db import connection
from django.db.models import Model

from claims.models import (
    CareSheet,
    Claim,
    ClaimLine,
    CountedUse,
    Decision,
    LineDecision,
    WaitingClaim,
)
from config.bench import town
from config.bench.building import SHARED, SHEETS, copy_sheets
from config.bench.lists import read_lists
from config.bench.rows import (
    HISTORY_KEYS,
    QUEUE_KEYS,
    Keys,
    copy_pattern,
    keys_of,
    make_patterns,
    unchecked,
)
from core.models import Transition
from insured.models import LongTermIllness, Person
from prescriptions.models import Dispensing


def draw_queue(claims: int) -> None:
    """Draw so many claims of the people of town 0, as a pattern: not yet filed in any town."""
    draw = Random(town.SEED + 1)
    lists = read_lists()
    rows = Person.objects.filter(pk__range=keys_of(HISTORY_KEYS, 0)).order_by("pk")
    illness = dict(LongTermIllness.objects.values_list("person_id", "code"))
    patients = [
        town.Patient(key, insured, illness.get(key, ""), draw.random() < town.DENTAL)
        for key, insured in rows.values_list("id", "insured_id")
    ]
    sheets = town.file_claims(patients, claims, lists, Keys(QUEUE_KEYS, draw), draw, past=False)
    make_patterns(SHEETS, filled=False)
    copy_sheets(sheets, into="bench")


def file_queue(towns: Sequence[int]) -> None:
    """File the claims of the pattern in these towns: received, not queued yet."""
    for number in towns:
        changed = {
            "fse_number": f"'Q{number:03d}' || right({{old}}, 8)",
            "document_hash": "gen_random_uuid()::text",
        }
        with unchecked():
            for model in SHEETS:
                copy_pattern(model, number, kept=SHARED, changed=changed)


def settle_sheets() -> None:
    """Let the server settle what was filed, as time would: hint bits, statistics."""
    _vacuum(SHEETS)


def _vacuum(tables: Sequence[type[Model]]) -> None:
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(f"VACUUM (ANALYZE) {model._meta.db_table}")


def clear_queue() -> None:
    """Take away what a run filed, queued and decided, so that a stock is as it was."""
    head = keys_of(QUEUE_KEYS, 0)[0]
    with unchecked(), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM claims_linedecision USING claims_decision"
            " WHERE decision_id = claims_decision.id AND claim_id >= %s AND at = decided_at",
            [head],
        )
        cleared = cursor.rowcount
        for model, column in _QUEUED:
            table = model._meta.db_table
            cursor.execute(f"DELETE FROM {table} WHERE {column} >= %s", [head])
            cleared += cursor.rowcount
        cursor.execute("DELETE FROM claims_waitingclaim WHERE state = 'SUBMITTED'")
        cursor.execute("DELETE FROM core_outboxmessage")
        cursor.execute(
            "UPDATE claims_run SET state = 'CANCELLED', ended_at = started_at"
            " WHERE ended_at IS NULL"
        )
    if cleared:
        _vacuum([LineDecision, WaitingClaim, *(model for model, _column in _QUEUED)])


# Rows of a queue, and the key that tells them from history.
_QUEUED = (
    (Decision, "claim_id"),
    (CountedUse, "claim_id"),
    (Transition, "subject_id"),
    (WaitingClaim, "claim_id"),
    (ClaimLine, "id"),
    (Claim, "id"),
    (Dispensing, "id"),
    (CareSheet, "id"),
)
