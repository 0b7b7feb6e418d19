"""Runs the invariants, and keeps what a run found in the audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from config.invariants.catalogue import INVARIANTS, Invariant
from config.invariants.parameters import parameters, present_states
from core import audit
from core.models import AuditEvent

JOB = "check_invariants"
CHECKED = "system.invariants.checked"
KEYS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """What one invariant's query returned: how many rows, and the first keys."""

    invariant: Invariant
    count: int
    keys: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return self.count == 0


def check(*, at: datetime, invariants: Sequence[Invariant] = INVARIANTS) -> list[Finding]:
    """Run every query as of an instant and return what each found; nothing is written."""
    known = parameters(at=at)
    return [_run(invariant, known) for invariant in invariants]


def _run(invariant: Invariant, known: dict[str, object]) -> Finding:
    sql = invariant.sql.replace("{present}", present_states())
    asked = f"SELECT key, count(*) OVER () FROM ({sql}) AS broken LIMIT {KEYS_SHOWN}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(asked, known)
        rows = cursor.fetchall()
    return Finding(invariant, rows[0][1] if rows else 0, tuple(key for key, _count in rows))


def check_and_record(*, by: str, at: datetime) -> list[Finding]:
    """Run the invariants and append the counts, by identifier, to the audit trail."""
    findings = check(at=at)
    audit.record_job(
        by=by,
        at=at,
        action=CHECKED,
        job=JOB,
        after={finding.invariant.id: finding.count for finding in findings},
    )
    return findings


def last_run() -> AuditEvent | None:
    """Return the last recorded run: when (`at`), and the counts by identifier (`after`)."""
    return audit.last_of_job(JOB)
