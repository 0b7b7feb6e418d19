"""Celery's side of the clock of prescriptions: look at the tables, nothing else."""

from typing import Any

from celery import shared_task

from core import clock
from prescriptions import services


@shared_task(name="prescriptions.tasks.advance_prescriptions")
def advance_prescriptions(**_ignored: Any) -> None:
    """End leases and validities, open what begins; any number of calls changes nothing more."""
    services.advance_prescriptions(at=clock.now())
