"""The clock's side of holds."""

from typing import Any

from celery import shared_task

from core import clock
from fraud import services


@shared_task(name="fraud.tasks.end_holds", time_limit=25, soft_time_limit=20)
def end_holds(**_ignored: Any) -> int:
    """Send holds past their time to a person; any number of calls changes nothing more."""
    return services.end_holds(at=clock.now())
