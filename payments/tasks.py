"""The clock's side of payments."""

import logging
from typing import Any

from celery import shared_task

from core import clock
from payments import services
from payments.selectors.payment_days import days_to_prepare

log = logging.getLogger(__name__)


@shared_task(name="payments.tasks.settle_changes", time_limit=300, soft_time_limit=280)
def settle_changes(**_ignored: Any) -> int:
    """Open the accounts whose delay has passed; any number of calls changes nothing more."""
    return services.settle_changes(at=clock.now())


@shared_task(name="payments.tasks.list_days_to_prepare", time_limit=60, soft_time_limit=50)
def list_days_to_prepare(**_ignored: Any) -> int:
    """Say which days of the calendar wait for a person to freeze their batch; freezes nothing."""
    days = list(days_to_prepare(clock.now()))
    for day in days:
        log.info("payment day %s (%s) waits for its batch", day.day.isoformat(), day.payees)
    return len(days)
