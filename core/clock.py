"""The clock of edges and background tasks; nothing below them reads one."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """Return this instant, moved by `CLOCK_OFFSET_SECONDS`, which only a drill sets."""
    return timezone.now() + timedelta(seconds=settings.CLOCK_OFFSET_SECONDS)


def today() -> date:
    """Return the day of `now` in the product's time zone."""
    return timezone.localdate(now())
