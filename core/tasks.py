"""Celery's side of the outbox: look at the table, nothing else."""

from time import monotonic
from typing import Any

from celery import shared_task

from core import clock, outbox, partitions

# Subjects a transaction: a few thousand share the cost of their statements.
BATCH = 2000
# A call ends by itself well before its limit, so that the limit never cuts work in two.
WORK_SECONDS = 12


@shared_task(name="core.tasks.relay", time_limit=25, soft_time_limit=20)
def relay(**_ignored: Any) -> int:
    """Deliver waiting outbox messages; any number of calls, lost or doubled, changes nothing."""
    delivered, ends_at = 0, monotonic() + WORK_SECONDS
    while monotonic() < ends_at:
        at = clock.now()
        messages = outbox.take(at=at, limit=BATCH)
        if not messages:
            return delivered
        outbox.deliver(messages, at=at)
        delivered += sum(len(message.subject_ids) for message in messages)
    outbox.ring()
    return delivered


@shared_task(name="core.tasks.create_partitions")
def create_partitions(**_ignored: Any) -> None:
    """Create next months' partitions before anybody needs them."""
    partitions.create_months(today=clock.today(), ahead=3)
