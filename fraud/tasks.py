"""The clock's side of holds, and the night's work."""

from typing import Any

from celery import shared_task

from core import clock
from fraud import services


@shared_task(name="fraud.tasks.end_holds", time_limit=25, soft_time_limit=20)
def end_holds(**_ignored: Any) -> int:
    """Send holds past their time to a person; any number of calls changes nothing more."""
    return services.end_holds(at=clock.now())


@shared_task(name="fraud.tasks.start_night", time_limit=25, soft_time_limit=20)
def start_night(**_ignored: Any) -> None:
    """Begin the night over the changed days; one already under way goes on."""
    try:
        services.start_night(scope="INCREMENT", by="system:clock", at=clock.now())
    except services.NightUnderWay:
        services.ring_night()


@shared_task(name="fraud.tasks.work_at_night", time_limit=7200, soft_time_limit=7000)
def work_at_night(**_ignored: Any) -> int:
    """Do the steps of the night under way, if no other worker is at it; return how many."""
    steps = 0
    while services.advance_night(at=clock.now()):
        steps += 1
    return steps
