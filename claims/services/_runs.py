"""Judging the queue: a run over every claim received without being judged, shared out by bucket.

The rows of `WaitingClaim` are the queue. A message of the outbox names a few thousand of them; a worker
holds their buckets, judges them in one transaction, and what cannot be judged is set aside for a person.
"""

import logging
import traceback
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from claims import selectors
from claims.models import Run, WaitingClaim
from claims.permissions import check_can_run
from claims.selectors import Case, Surroundings
from claims.services._judgement import Judged, judge, no_collection, save
from claims.states import ClaimState, RunState
from core import audit, outbox, transitions
from core.audit import Actor
from core.crashpoints import crashpoint
from core.discretion import without_values
from core.errors import DomainError
from core.models import OutboxMessage
from core.record_keys import TextKey

log = logging.getLogger(__name__)

ADJUDICATION = "system:adjudication"
QUEUED = "claims.claim.queued"
JUDGE = "claims.services.adjudicate_queued"
# Claims a transaction judges: beyond a few thousand the cost of its statements no longer counts.
CLAIMS_A_BATCH = 2000
ERROR_LENGTH = 4000
# The error of a claim whose message was quarantined; the message keeps the trace.
QUARANTINED = "Quarantined"


class QueueEmpty(DomainError):
    """No claim waits to be judged."""

    code = "QUEUE_EMPTY"
    message = _("Aucun dossier n’attend d’être liquidé. Rien n’a été lancé.")


class RunUnderWay(DomainError):
    """One run at a time: the other one is to be ended first."""

    code = "RUN_UNDER_WAY"
    message = _(
        "Une liquidation en lot est déjà en cours ou en pause. Attendez sa fin, reprenez-la ou arrêtez-la."
    )


def start_run(*, by: Actor, at: datetime) -> Run:
    """Judge every queued claim, set-aside ones included. Raises RunNotYours, QueueEmpty, RunUnderWay."""
    check_can_run(by)
    queued = WaitingClaim.objects.filter(state=ClaimState.SUBMITTED)
    with transaction.atomic():
        total = queued.count()
        if not total:
            raise QueueEmpty
        run = _open(total, by=by, at=at)
        queued.update(run=run, error="")
        _publish(run, at=at)
        audit.record(by=by, at=at, action="claims.run.started", subject=run, after={"total": total})
    return run


def _open(total: int, *, by: Actor, at: datetime) -> Run:
    try:
        with transaction.atomic():
            run = Run.objects.create(
                state=RunState.RUNNING,
                started_at=at,
                started_by=audit.actor_id(by),
                total=total,
            )
    except IntegrityError:
        raise RunUnderWay from None
    transitions.born(run, by=by, at=at)
    return run


def _publish(run: Run, *, at: datetime) -> None:
    """Write a message per few thousand claims, bucket after bucket; memory stays that of one message."""
    waiting = WaitingClaim.objects.filter(run=run, error="").order_by("bucket", "claim_id")
    for part in _parts(waiting.values_list("claim_id", flat=True).iterator(CLAIMS_A_BATCH)):
        OutboxMessage.objects.create(
            kind=QUEUED, subscriber=JUDGE, subject_ids=part, published_at=at
        )
    outbox.ring_after_commit()


def _parts(keys: Iterator[UUID]) -> Iterator[list[UUID]]:
    part: list[UUID] = []
    for key in keys:
        part.append(key)
        if len(part) == CLAIMS_A_BATCH:
            yield part
            part = []
    if part:
        yield part


def pause_run(*, run: Run, by: Actor, at: datetime) -> None:
    """Let the batches under way end, and begin no other. Raises RunNotYours, TransitionRefused."""
    _conduct(run, RunState.PAUSED, "paused", by=by, at=at)


def resume_run(*, run: Run, by: Actor, at: datetime) -> None:
    """Take a paused run up where it stopped. Raises RunNotYours, TransitionRefused."""
    with transaction.atomic():
        _conduct(run, RunState.RUNNING, "resumed", by=by, at=at)
        _publish(run, at=at)


def cancel_run(*, run: Run, by: Actor, at: datetime) -> None:
    """End a run; what was judged stays judged, the rest waits in the queue for another one.

    Raises RunNotYours, TransitionRefused.
    """
    with transaction.atomic():
        judged = selectors.run_progress(run).done
        _conduct(run, RunState.CANCELLED, "cancelled", by=by, at=at, ended_at=at, judged=judged)
        WaitingClaim.objects.filter(run=run).update(run=None)


def _conduct(
    run: Run, state: RunState, deed: str, *, by: Actor, at: datetime, **fields: Any
) -> None:
    check_can_run(by)
    with transaction.atomic():
        transitions.move(run, state, by=by, at=at, **fields)
        audit.record(by=by, at=at, action=f"claims.run.{deed}", subject=run)


def close_runs(*, at: datetime) -> int:
    """End the runs with nothing left to judge; return how many. What was set aside waits for a person."""
    ended = 0
    for run in Run.objects.filter(state=RunState.RUNNING):
        _set_aside_quarantined(run)
        progress = selectors.run_progress(run)
        if not progress.left:
            end: dict[str, Any] = {"ended_at": at, "judged": progress.done}
            with transaction.atomic():
                transitions.move(run, RunState.DONE, by=ADJUDICATION, at=at, **end)
            ended += 1
    return ended


def _set_aside_quarantined(run: Run) -> None:
    """Mark what kills workers, so that the clock does not start a run for it again and again."""
    WaitingClaim.objects.filter(
        run=run, error="", claim_id__in=selectors.quarantined_claims(run)
    ).update(error=QUARANTINED)


def adjudicate_queued(*, subject_ids: Sequence[UUID], at: datetime) -> None:
    """Judge queued claims of running runs, in one transaction and under their buckets' locks.

    Subscriber of `claims.claim.queued`. A claim judged meanwhile, or whose run is paused, is passed
    over: a message delivered twice changes nothing. One that cannot be judged is set aside with its
    error, and its neighbours are judged.
    """
    # Part of the transaction that marks the message done: no savepoint.
    claim_ids = [str(key) for key in subject_ids]
    with transaction.atomic(savepoint=False), no_collection():
        WaitingClaim.hold_buckets_of(claim_ids)
        cases = selectors.cases_of(claim_ids, queued=True)
        if not cases:
            return
        around = selectors.gather(cases)
        errors: dict[TextKey, str] = {}
        save(_judge_each(cases, around, errors), around, cases, by=ADJUDICATION, at=at)
        if errors:
            _set_aside(errors)
        crashpoint("adjudicate.after_save")


def _judge_each(
    cases: Sequence[Case], around: Surroundings, errors: dict[TextKey, str]
) -> Iterator[Judged]:
    """Judge as the rows are made; what cannot be judged goes to `errors`."""
    law = selectors.law()
    for case in cases:
        try:
            judged = judge(case, around, law)
        except Exception as error:  # one unreadable claim stops nobody else's
            log.error("claim %s cannot be judged: %s", case.claim_id, type(error).__name__)
            told = "".join(traceback.format_exception_only(error))
            errors[case.claim_id] = without_values(told)[:ERROR_LENGTH]
        else:
            yield judged


def _set_aside(errors: dict[TextKey, str]) -> None:
    rows = list(WaitingClaim.objects.filter(claim_id__in=errors))
    for row in rows:
        row.error = errors[str(row.claim_id)]
    WaitingClaim.objects.bulk_update(rows, ["error"])
