"""Events that flow upward: a row in the writer's transaction, then a doorbell after commit."""

import logging
import os
import threading
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Func, IntegerField, Q
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from core import audit
from core.appending import append
from core.audit import Actor
from core.crashpoints import crashpoint
from core.discretion import without_values
from core.models import OutboxMessage
from core.record_keys import TextKey, new_key

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 3
SUBJECTS_A_MESSAGE = 500
MESSAGES_A_LOOK = 200

Handler = Callable[..., None]


def publish(kind: str, *, subject_ids: Sequence[UUID | TextKey], at: datetime) -> None:
    """Write one row per subscriber of `kind` and few hundred subjects, and ring after commit."""
    subscribers = settings.SUBSCRIPTIONS.get(kind, ())
    if not subscribers or not subject_ids:
        return
    append(
        *(
            OutboxMessage(
                kind=kind,
                subscriber=subscriber,
                subject_ids=subject_ids[first : first + SUBJECTS_A_MESSAGE],
                published_at=at,
            )
            for subscriber in subscribers
            for first in range(0, len(subject_ids), SUBJECTS_A_MESSAGE)
        )
    )
    ring_after_commit()


def ring_after_commit() -> None:
    """One bell a transaction, however many events; whatever goes wrong with it, the work is committed."""
    waiting = transaction.get_connection().run_on_commit
    if not any(callback is ring for _savepoints, callback, _robust in waiting):
        transaction.on_commit(ring, robust=True)


class _Bell:
    """Rings from a thread of its own, so that no request waits for the broker; rung again before it
    could ring, it rings once. What waits is rung before the process ends."""

    def __init__(self) -> None:
        self._hand = ThreadPoolExecutor(1, thread_name_prefix="bell")
        self._lock, self._waits = threading.Lock(), False

    def pull(self) -> None:
        with self._lock:
            if not self._waits:
                self._waits = True
                self._hand.submit(self._ring)

    def _ring(self) -> None:
        with self._lock:
            self._waits = False
        relay: Any = import_string("core.tasks.relay")
        try:
            relay.apply_async(retry=False)
        except relay.OperationalError:
            log.warning("broker unreachable: the sweeper will take the waiting messages")
        except Exception:  # the outermost edge of this thread
            log.exception("no bell was rung: the sweeper will take the waiting messages")


_bell = _Bell()


def _new_bell() -> None:
    """A thread does not follow its process into a fork."""
    global _bell
    _bell = _Bell()


os.register_at_fork(after_in_child=_new_bell)


def ring() -> None:
    """Wake a worker. A bell that cannot be rung is only logged: the sweeper finds the row."""
    _bell.pull()


def take(*, at: datetime, limit: int) -> list[OutboxMessage]:
    """Lease the oldest waiting messages, up to `limit` subjects, one message at least.

    Attempts are counted before the work, in their own commit. What was tried before comes alone, a
    subject a message: what fails, or kills its worker, harms no neighbour. Leases run by the clock of
    the database, one for all: a worker whose own is wrong neither steals work nor keeps it.
    """
    token = new_key()
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=Now())
    waiting = (
        OutboxMessage.objects.select_for_update(skip_locked=True)
        .filter(free, done_at__isnull=True, quarantined_at__isnull=True)
        .order_by("id")
    )
    with transaction.atomic():
        _quarantine_killers(
            list(waiting.filter(attempts__gte=MAX_ATTEMPTS).values_list("id", flat=True)), at=at
        )
        oldest = waiting.annotate(
            weight=Func(F("subject_ids"), function="cardinality", output_field=IntegerField())
        )
        ids = _share(list(oldest.values_list("id", "attempts", "weight")[:MESSAGES_A_LOOK]), limit)
        OutboxMessage.objects.filter(id__in=ids).update(
            attempts=F("attempts") + 1, leased_until=Now() + LEASE, lease_token=token
        )
    crashpoint("outbox.after_lease")
    return list(OutboxMessage.objects.filter(id__in=ids).order_by("id"))


def _share(oldest: list[tuple[UUID, int, int]], limit: int) -> list[UUID]:
    """Choose what to lease among (key, attempts, subjects), oldest first."""
    if not oldest:
        return []
    first, attempts, weight = oldest[0]
    if attempts > 0:
        return [_split(first)[0] if weight > 1 else first]
    chosen: list[UUID] = []
    for key, tried, subjects in oldest:
        limit -= subjects
        if tried > 0 or (limit < 0 and chosen):
            break
        chosen.append(key)
    return chosen


def _split(key: UUID) -> list[UUID]:
    """Part a message that was tried into one message a subject, each as often tried; return their keys."""
    tried = OutboxMessage.objects.get(id=key)
    singles = OutboxMessage.objects.bulk_create(
        OutboxMessage(
            kind=tried.kind,
            subscriber=tried.subscriber,
            subject_ids=[subject_id],
            published_at=tried.published_at,
            attempts=tried.attempts,
            last_error=tried.last_error,
        )
        for subject_id in tried.subject_ids
    )
    tried.delete()
    return [single.id for single in singles]


def quarantined(*, limit: int) -> list[OutboxMessage]:
    """Return the messages set aside after their last try, oldest first."""
    aside = OutboxMessage.objects.filter(quarantined_at__isnull=False, done_at__isnull=True)
    return list(aside.order_by("quarantined_at", "id")[:limit])


def give_back(keys: Sequence[UUID], *, by: Actor, at: datetime) -> int:
    """Let what was set aside be tried again, three times more; return how many messages.

    What was given back or done meanwhile is left as it is.
    """
    with transaction.atomic():
        aside = OutboxMessage.objects.select_for_update().filter(
            id__in=keys, quarantined_at__isnull=False, done_at__isnull=True
        )
        messages = list(aside.order_by("id"))
        OutboxMessage.objects.filter(id__in=[each.id for each in messages]).update(
            attempts=0, quarantined_at=None
        )
        for message in messages:
            audit.record(by=by, at=at, action="core.outboxmessage.given_back", subject=message)
        if messages:
            ring_after_commit()
    return len(messages)


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
    with transaction.atomic():
        alive = _confirm([message.id for message in group], group[0].lease_token, at=at)
        subject_ids = [
            key for message in group if message.id in alive for key in message.subject_ids
        ]
        if subject_ids:
            crashpoint("outbox.before_handler")
            handler(subject_ids=subject_ids, at=at)
            crashpoint("outbox.before_commit")


def _confirm(keys: Sequence[UUID], token: UUID | None, *, at: datetime) -> set[UUID]:
    """Mark as done, in the transaction of the work, those whose lease is still ours; return their keys."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_outboxmessage SET done_at = %s, leased_until = NULL, lease_token = NULL,"
            " last_error = '' WHERE id = ANY(%s) AND lease_token = %s AND done_at IS NULL"
            " RETURNING id",
            [at, list(keys), token],
        )
        return {key for (key,) in cursor.fetchall()}


def _fail(message: OutboxMessage, error: Exception, *, at: datetime) -> None:
    """Give the message back, or to a person after the third try; many subjects are parted first."""
    log.error("outbox message %s failed (attempt %s)", message.id, message.attempts)
    poisoned = message.attempts >= MAX_ATTEMPTS and len(message.subject_ids) == 1
    OutboxMessage.objects.filter(id=message.id, lease_token=message.lease_token).update(
        leased_until=None,
        lease_token=None,
        quarantined_at=at if poisoned else None,
        last_error=without_values("".join(traceback.format_exception(error)))[-4000:],
    )
