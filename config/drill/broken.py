"""The negative control: the same services without their locks and two constraints must be caught.

In a database of its own, four processes freeze the same claims at once, and wait for each other where
the locks would have kept them apart: between the reading of the claims' states and their change. If
the invariants then found nothing, they would prove nothing about the real one either.
"""

import contextlib
import json
import multiprocessing
from multiprocessing.synchronize import Barrier
from threading import BrokenBarrierError
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.models import Role, User
from claims.models import Claim
from config.invariants.checking import check
from core import clock, locks
from core.errors import DomainError
from core.tasks import relay
from payments.models import OrderClaim, PaymentBatch
from payments.services import cancel_batch, freeze_batch

PAYERS = 4
ROUNDS = 5
MEETING_SECONDS = 20.0
TAKEN_AWAY = (
    "DROP INDEX a_claim_is_paid_once",
    "ALTER TABLE payments_posting DROP CONSTRAINT posting_happens_once",
)


def main(_seed: str) -> None:
    """Break it, run it, and print what was caught as JSON. The database holds judged claims."""
    _take_the_walls_away()
    relay()
    for _round in range(ROUNDS):
        _freeze_at_once()
        caught = [each.invariant.id for each in check(at=clock.now()) if not each.holds]
        if "I1" in caught:
            break
        _cancel_all()
    print(json.dumps({"caught": caught, "claims_paid_twice": _paid_twice()}))


def _take_the_walls_away() -> None:
    with connection.cursor() as cursor:
        for statement in TAKEN_AWAY:
            cursor.execute(statement)
    QuerySet.select_for_update = lambda rows, **_options: rows  # type: ignore[method-assign]
    for name in ("hold", "hold_buckets"):
        setattr(locks, name, lambda *_arguments, **_named: None)


def _freeze_at_once() -> None:
    connection.close()
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(PAYERS)
    payers = [context.Process(target=_freeze, args=(barrier,)) for _payer in range(PAYERS)]
    for payer in payers:
        payer.start()
    for payer in payers:
        payer.join()


def _freeze(barrier: Barrier) -> None:
    officer = User.objects.filter(role=Role.PAYMENT_OFFICER).earliest("username")
    _meet_before_claims_change(barrier)
    try:
        freeze_batch(by=officer, at=clock.now())
    except DomainError as refusal:
        print(f"refused: {refusal.code}")


def _meet_before_claims_change(barrier: Barrier) -> None:
    """Let nobody write the new state of the claims before everybody has read the old one."""
    update = QuerySet.update

    def meet_then_update(rows: QuerySet[Any], **fields: Any) -> int:
        if rows.model is Claim:
            with contextlib.suppress(BrokenBarrierError):  # whoever was refused does not come
                barrier.wait(MEETING_SECONDS)
        return update(rows, **fields)

    QuerySet.update = meet_then_update  # type: ignore[method-assign]


def _cancel_all() -> None:
    officer = User.objects.filter(role=Role.PAYMENT_OFFICER).earliest("username")
    for batch in PaymentBatch.objects.filter(state="FROZEN"):
        cancel_batch(batch=batch, by=officer, at=clock.now(), reason="drill")


def _paid_twice() -> int:
    live = OrderClaim.objects.filter(is_live=True)
    return live.count() - live.values("claim_id").distinct().count()
