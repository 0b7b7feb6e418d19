"""Celery's side of the law desk and of the queue: look at the tables, nothing else."""

import contextlib
from time import monotonic
from typing import Any

from celery import shared_task

from claims import selectors, services
from core import clock

# A call ends by itself well before its limit, so that the limit never cuts a page in two.
WORK_SECONDS = 10
CLOCK = "system:clock"


@shared_task(name="claims.tasks.measure_laws", time_limit=25, soft_time_limit=20)
def measure_laws(**_ignored: Any) -> None:
    """Advance the measures that run; any number of calls, lost or doubled, changes nothing."""
    ends_at = monotonic() + WORK_SECONDS
    while services.advance_measures(at=clock.now()):
        if monotonic() > ends_at:
            services.ring_measures()
            return


@shared_task(name="claims.tasks.judge_queue")
def judge_queue(**_ignored: Any) -> None:
    """End runs with nothing left; start one when claims wait to be judged and none is under way."""
    at = clock.now()
    services.close_runs(at=at)
    if selectors.queued_claims().filter(error="").exists() and selectors.current_run() is None:
        with contextlib.suppress(services.QueueEmpty, services.RunUnderWay):
            services.start_run(by=CLOCK, at=at)
