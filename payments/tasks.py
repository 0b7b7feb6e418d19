"""The clock's side of payments."""

from typing import Any

from celery import shared_task

from core import clock
from payments import services


@shared_task(name="payments.tasks.settle_changes", time_limit=300, soft_time_limit=280)
def settle_changes(**_ignored: Any) -> int:
    """Open the accounts whose delay has passed; any number of calls changes nothing more."""
    return services.settle_changes(at=clock.now())
