"""Celery's side of the law desk: look for a measure to advance, nothing else."""

from time import monotonic
from typing import Any

from celery import shared_task

from claims import services
from core import clock

# A call ends by itself well before its limit, so that the limit never cuts a page in two.
WORK_SECONDS = 10


@shared_task(name="claims.tasks.measure_laws", time_limit=25, soft_time_limit=20)
def measure_laws(**_ignored: Any) -> None:
    """Advance the measures that run; any number of calls, lost or doubled, changes nothing."""
    ends_at = monotonic() + WORK_SECONDS
    while services.advance_measures(at=clock.now()):
        if monotonic() > ends_at:
            services.ring_measures()
            return
