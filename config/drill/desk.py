"""Payment officers and their bank, as a process that may die anywhere and goes on where it was."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

from django.db import DatabaseError, connection

from accounts.models import Role, User
from claims.selectors import current_run, queued_claims
from claims.services import close_runs, pause_run, resume_run, start_run
from claims.states import RunState
from config.drill.country import SYSTEM
from core import clock
from core.errors import DomainError
from payments import services
from payments.gateways.demo_bank import demo_bank_answer, demo_bank_signature
from payments.models import PaymentBatch, PaymentOrder

PAUSE_SECONDS = 0.7
RETURNED_PERCENT = 5
CANCELLED_PERCENT = 15
PAUSED_PERCENT = 15
AMOUNT = re.compile(rb'<InstdAmt Ccy="MAD">(\d+)\.(\d\d)</InstdAmt>')
# In the drill's folder, where its programs work.
FAULTS = Path("desk-faults.txt")


# What two desks at one batch are told; any other refusal is a fault of the product.
EXPECTED = {
    *("NOTHING_TO_PAY", "TRANSITION_REFUSED", "FOUR_EYES", "BATCH_UNKNOWN"),
    *("RUN_UNDER_WAY", "QUEUE_EMPTY"),
}


def main(seed: str) -> None:
    """Settle until stopped."""
    draw = Random(seed)
    while True:
        try:
            officers = list(User.objects.filter(role=Role.PAYMENT_OFFICER).order_by("username"))
            draw.shuffle(officers)
            _settle(officers, draw)
        except DatabaseError:
            connection.close()
        time.sleep(draw.uniform(0, 2 * PAUSE_SECONDS))


def _settle(officers: list[User], draw: Random) -> None:
    """One turn at the desk; another desk may act at the same moment, and is then told."""
    first, second = officers[:2]
    deeds: list[Callable[[], object]] = [lambda: services.freeze_batch(by=first, at=clock.now())]
    for batch in PaymentBatch.objects.filter(state="FROZEN"):
        if draw.randrange(100) < CANCELLED_PERCENT:
            deeds.append(
                lambda batch=batch: services.cancel_batch(
                    batch=batch, by=second, at=clock.now(), reason="drill"
                )
            )
        deeds += [
            lambda batch=batch, by=by: services.approve_batch(batch=batch, by=by, at=clock.now())
            for by in officers
        ]
    for batch in PaymentBatch.objects.filter(state="APPROVED"):
        deeds.append(lambda batch=batch: _export(batch, first))
    for batch in PaymentBatch.objects.filter(state="EXPORTED"):
        deeds.append(lambda batch=batch: _hear_the_bank(batch, second, draw))
    deeds += _conduct_runs(draw)
    draw.shuffle(deeds)
    for deed in deeds:
        try:
            deed()
        except DomainError as refusal:
            if refusal.code not in EXPECTED:
                _fault(str(refusal))


def _conduct_runs(draw: Random) -> list[Callable[[], object]]:
    """Pause a run now and then, resume a paused one, end what is judged, begin on what is left."""
    deeds: list[Callable[[], object]] = [lambda: close_runs(at=clock.now())]
    run = current_run()
    if run is None:
        return [*deeds, lambda: start_run(by=SYSTEM, at=clock.now())] if _queued() else deeds
    if run.state == RunState.PAUSED:
        return [*deeds, lambda: resume_run(run=run, by=SYSTEM, at=clock.now())]
    if draw.randrange(100) < PAUSED_PERCENT:
        deeds.append(lambda: pause_run(run=run, by=SYSTEM, at=clock.now()))
    return deeds


def _queued() -> bool:
    """Whether claims wait that no run set aside."""
    return queued_claims().filter(error="").exists()


def _export(batch: PaymentBatch, by: User) -> bytes:
    """Write the bank file; its transfers must sum to the batch, and be the same the second time."""
    content = services.export_batch(batch=batch, by=by, at=clock.now())
    total = sum(int(whole) * 100 + int(cents) for whole, cents in AMOUNT.findall(content))
    if total != batch.control_sum_centimes:
        _fault(f"{batch.number}: file {total}, batch {batch.control_sum_centimes}")
    if services.export_batch(batch=batch, by=by, at=clock.now() + timedelta(hours=1)) != content:
        _fault(f"{batch.number}: exported again, the file is another one")
    return content


def _hear_the_bank(batch: PaymentBatch, by: User, draw: Random) -> None:
    """Read two answers that say the same in other bytes, each twice, in any order."""
    file = _export(batch, by)
    references = PaymentOrder.objects.filter(batch=batch).values_list("reference", flat=True)
    returned = [each for each in references if _comes_back(each)]
    answers = [
        demo_bank_answer(file, at=clock.now() + timedelta(seconds=seconds), returned=returned)
        for seconds in (0, 60)
    ] * 2
    draw.shuffle(answers)
    for answer in answers:
        services.read_bank_answer(
            content=answer, signature=demo_bank_signature(answer), by=by, at=clock.now()
        )


def _comes_back(reference: str) -> bool:
    """The bank never changes its mind about a transfer."""
    return int(sha256(reference.encode()).hexdigest(), 16) % 100 < RETURNED_PERCENT


def _fault(line: str) -> None:
    with FAULTS.open("a") as file:
        file.write(f"{line}\n")
