"""Celery's side of the offline work: call one service, nothing else."""

from typing import Any

from celery import shared_task

from core import clock
from sync import services

CLOCK = "system:clock"


@shared_task(name="sync.tasks.make_pack", time_limit=120, soft_time_limit=110)
def make_pack(**_ignored: Any) -> None:
    """Make a new reference pack when the law, a list or a key changed."""
    services.make_pack(by=CLOCK, at=clock.now())


@shared_task(name="sync.tasks.settle_awaiting", time_limit=120, soft_time_limit=110)
def settle_awaiting(**_ignored: Any) -> int:
    """Settle the dispensings whose prescription has come, and give a person what waited too long."""
    return services.settle_awaiting(at=clock.now())
