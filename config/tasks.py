"""Background work of the whole installation."""

from typing import Any

from celery import shared_task

from config.invariants.checking import check_and_record
from core import clock


@shared_task(name="config.tasks.check_invariants", time_limit=3600, soft_time_limit=3500)
def check_invariants(**_ignored: Any) -> int:
    """Check what must always be true, keep the counts, and return how many invariants are broken."""
    findings = check_and_record(by="system:clock", at=clock.now())
    return sum(not finding.holds for finding in findings)
