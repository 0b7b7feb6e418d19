"""Events that flow upward: a row in the writer's transaction, then a doorbell after commit."""

import logging
import traceback
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.module_loading import import_string

from core.crashpoints import crashpoint
from core.discretion import without_values
from core.models import OutboxMessage
from core.record_keys import new_key

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 3

Handler = Callable[..., None]


def publish(kind: str, *, subject_ids: Sequence[UUID], at: datetime) -> None:
    """Write one row per subscriber of `kind` and subject, and ring after commit."""
    subscribers = settings.SUBSCRIPTIONS.get(kind, ())
    if not subscribers:
        return
    OutboxMessage.objects.bulk_create(
        OutboxMessage(kind=kind, subscriber=subscriber, subject_id=subject_id, published_at=at)
        for subscriber in subscribers
        for subject_id in subject_ids
    )
    _ring_after_commit()


def _ring_after_commit() -> None:
    """One bell a transaction, however many events; whatever goes wrong with it, the work is committed."""
    waiting = transaction.get_connection().run_on_commit
    if not any(callback is ring for _savepoints, callback, _robust in waiting):
        transaction.on_commit(ring, robust=True)


def ring() -> None:
    """Wake a worker. A bell that cannot be rung is only logged: the sweeper finds the row."""
    relay: Any = import_string("core.tasks.relay")
    try:
        relay.apply_async(retry=False)
    except relay.OperationalError:
        log.warning("broker unreachable: the sweeper will take the waiting messages")


def take(*, at: datetime, limit: int) -> list[OutboxMessage]:
    """Lease up to `limit` waiting messages: attempts are counted before the work, in their own commit.

    A message that was tried before comes alone: what fails, or kills its worker, harms no neighbour.
    """
    token = new_key()
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=at)
    waiting = (
        OutboxMessage.objects.select_for_update(skip_locked=True)
        .filter(free, done_at__isnull=True, quarantined_at__isnull=True)
        .order_by("id")
        .values_list("id", flat=True)
    )
    with transaction.atomic():
        _quarantine_killers(list(waiting.filter(attempts__gte=MAX_ATTEMPTS)), at=at)
        ids = list(waiting.filter(attempts=0)[:limit]) or list(waiting.filter(attempts__gt=0)[:1])
        OutboxMessage.objects.filter(id__in=ids).update(
            attempts=F("attempts") + 1, leased_until=at + LEASE, lease_token=token
        )
    crashpoint("outbox.after_lease")
    return list(OutboxMessage.objects.filter(id__in=ids).order_by("id"))


def _quarantine_killers(ids: Sequence[UUID], *, at: datetime) -> None:
    """Give a person what no worker came back from: a failure would have been written."""
    OutboxMessage.objects.filter(id__in=ids).update(
        quarantined_at=at,
        leased_until=None,
        lease_token=None,
        last_error="the worker died, or ran out of time, at the last try",
    )


def deliver(messages: Sequence[OutboxMessage], *, at: datetime) -> None:
    """Hand messages to their subscribers, one transaction per subscriber; one by one after a failure."""
    by_subscriber: dict[str, list[OutboxMessage]] = {}
    for message in messages:
        by_subscriber.setdefault(message.subscriber, []).append(message)
    for subscriber, group in by_subscriber.items():
        try:
            _handle(subscriber, group, at=at)
        except Exception as error:  # the outermost edge of background work
            if len(group) == 1:
                _fail(group[0], error, at=at)
                continue
            for message in group:
                try:
                    _handle(subscriber, [message], at=at)
                except Exception as single_error:
                    _fail(message, single_error, at=at)


def _handle(subscriber: str, group: Sequence[OutboxMessage], *, at: datetime) -> None:
    """Run the handler and confirm in one transaction; a lease lost meanwhile undoes the work."""
    handler: Handler = import_string(subscriber)
    keys = [message.id for message in group]
    with transaction.atomic():
        held = OutboxMessage.objects.select_for_update().filter(
            id__in=keys, lease_token=group[0].lease_token, done_at__isnull=True
        )
        living = set(held.order_by("id").values_list("id", flat=True))
        alive = [message for message in group if message.id in living]
        if not alive:
            return
        crashpoint("outbox.before_handler")
        handler(subject_ids=[message.subject_id for message in alive], at=at)
        OutboxMessage.objects.filter(id__in=[message.id for message in alive]).update(
            done_at=at, leased_until=None, lease_token=None, last_error=""
        )
        crashpoint("outbox.before_commit")


def _fail(message: OutboxMessage, error: Exception, *, at: datetime) -> None:
    """Give the message back, or to a person after the third try."""
    log.error("outbox message %s failed (attempt %s)", message.id, message.attempts)
    poisoned = message.attempts >= MAX_ATTEMPTS
    OutboxMessage.objects.filter(id=message.id, lease_token=message.lease_token).update(
        leased_until=None,
        lease_token=None,
        quarantined_at=at if poisoned else None,
        last_error=without_values("".join(traceback.format_exception(error)))[-4000:],
    )
