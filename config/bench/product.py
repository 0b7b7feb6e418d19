"""The product under measure, called as its own tasks call it: take a message, deliver it."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection, transaction

from claims import services
from claims.models import Claim, WaitingClaim
from claims.selectors import law
from config.bench.measuring import Effort, Watch, parent_of, peak_mb
from config.bench.rows import HISTORY_KEYS, QUEUE_KEYS, keys_of
from core import outbox
from core.models import OutboxMessage

HISTORY_AT = datetime(2026, 11, 2, 6, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 22, tzinfo=UTC)
ACTOR = "system:bench"
QUEUED = "claims.claim.queued"


@dataclass(frozen=True, slots=True)
class Done:
    """What one process did: when by the clock all processes share, at what cost."""

    effort: Effort
    began: float
    ended: float
    batches: int


def backend_pid() -> int:
    """The database process behind this process's connection."""
    connection.ensure_connection()
    return int(connection.connection.info.backend_pid)


def prepare_nothing() -> None:
    """Say every statement whole: one prepared in this session could not be said again in another."""
    connection.ensure_connection()
    connection.connection.prepare_threshold = None


def watch(backend: int | None = None) -> Watch:
    """Watch this process and its database process; the rest of the server works for them."""
    known = backend or backend_pid()
    return Watch.start((os.getpid(), known), (parent_of(known),))


def judge_history() -> None:
    """Judge every claim of a stock's first town, in the order they were received."""
    _queue(HISTORY_KEYS, at=HISTORY_AT)
    services.start_run(by=ACTOR, at=HISTORY_AT)
    work_off(HISTORY_AT)
    close(HISTORY_AT)


def open_run(town: int) -> None:
    """Queue the claims filed in a town, and start a run over them."""
    _queue(QUEUE_KEYS, town)
    services.start_run(by=ACTOR, at=NOW)


def _queue(family: int, town: int = 0, *, at: datetime = NOW) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"{_QUEUE} WHERE id BETWEEN %s AND %s", [at, *keys_of(family, town)])
        cursor.execute("ANALYZE claims_waitingclaim")


# A queue fills in hours, in which the server looks at it: hence ANALYZE after it is filled at once.
_QUEUE = (
    "INSERT INTO claims_waitingclaim (claim_id, state, bucket, since, run_id, error)"
    " SELECT id, 'SUBMITTED', get_byte(uuid_send(insured_id), 15), %s,"
    " (SELECT id FROM claims_run WHERE state = 'RUNNING'), '' FROM claims_claim"
)


def work_off(at: datetime = NOW) -> Done:
    """Take and deliver messages of the queue until none is left, as a worker of the product does."""
    started, batches = watch(), 0
    while messages := lease(at):
        outbox.deliver(messages, at=at)
        batches += 1
    effort = started.stop()
    _flush_statistics()
    return Done(effort, started.at, started.at + effort.seconds, batches)


def lease(at: datetime = NOW) -> list[OutboxMessage]:
    """Take the oldest message if it is one of the queue."""
    messages = outbox.take(at=at, limit=1)
    return [message for message in messages if message.kind == QUEUED]


def lease_and_keep() -> bool:
    """Take one message and keep it for `deliver_kept`; tell whether there was one."""
    _kept[:] = lease()
    return bool(_kept)


_kept: list[OutboxMessage] = []


def deliver_kept() -> None:
    """Deliver what `lease_and_keep` took."""
    outbox.deliver(_kept, at=NOW)


def close(at: datetime = NOW) -> None:
    """End the run, and forget the messages other rooms would have taken."""
    services.close_runs(at=at)
    OutboxMessage.objects.all().delete()


def judge_one_by_one(town: int, part: int, parts: int) -> None:
    """Judge the claims of a town as the request path does: one claim a transaction.

    Households are shared out between `parts` processes; each takes its claims in their order.
    """
    low, high = keys_of(QUEUE_KEYS, town)
    claims = Claim.objects.filter(pk__range=(low, high)).order_by("received_at", "id")
    for claim in claims.iterator():
        if claim.insured_id.int % parts == part:
            with transaction.atomic():
                services.adjudicate_claims([claim], by=ACTOR, at=NOW)


def judge_batch_for_memory(town: int, size: int) -> float:
    """Judge so many queued claims at once, and return this process's peak in MB."""
    low, high = keys_of(QUEUE_KEYS, town)
    waiting = WaitingClaim.objects.filter(
        state="SUBMITTED", claim_id__gte=low, claim_id__lte=high
    ).order_by("bucket", "claim")
    claim_ids = list(waiting.values_list("claim_id", flat=True)[:size])
    services.adjudicate_queued(subject_ids=claim_ids, at=NOW)
    return peak_mb()


def fill_backlog(rows: int) -> int:
    """Let other claims stand in the queue of the run until it has so many rows; return how many."""
    missing = max(0, rows - WaitingClaim.objects.count())
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_QUEUE} WHERE id < %s AND NOT EXISTS (SELECT FROM claims_waitingclaim"
            " WHERE claim_id = claims_claim.id) LIMIT %s",
            [NOW, keys_of(QUEUE_KEYS, 0)[0], missing],
        )
        cursor.execute("ANALYZE claims_waitingclaim")
    return WaitingClaim.objects.count()


def law_key() -> int:
    """The key under which decisions name the law, written by the first run."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM claims_lawversion WHERE digest = %s", [law().digest])
        return int(cursor.fetchone()[0])


def _flush_statistics() -> None:
    """Let the server's counters show this session's work at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT 1")
