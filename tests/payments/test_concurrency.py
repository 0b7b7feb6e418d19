"""Two people at the same moment, on two real connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from claims.models import Claim
from core.errors import DomainError
from payments import selectors, services
from payments.gateways.demo_bank import demo_bank_answer, demo_bank_notification
from payments.models import BankAnswer, BankLine, OrderClaim, PaymentBatch, PaymentRepair
from tests.payments import factories

NOW = factories.NOW
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run calls at the same moment, each on its own connection; refusals are results."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=10)
            return call()
        except DomainError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_two_freezes_put_each_claim_in_one_batch() -> None:
    one, other = factories.officer(), factories.officer()
    claims = [factories.claim() for _ in range(8)]

    results = at_once(
        lambda: services.freeze_batch(by=one, at=NOW),
        lambda: services.freeze_batch(by=other, at=NOW),
    )

    assert PaymentBatch.objects.count() == 1
    assert sorted(OrderClaim.objects.values_list("claim_id", flat=True)) == sorted(
        claim.id for claim in claims
    )
    assert [type(result).__name__ for result in results if isinstance(result, DomainError)] == [
        "NothingToPay"
    ]
    assert selectors.ledger_balances()["BENEFITS"] == 8 * 14_000


def test_a_freeze_and_the_outbox_post_each_approval_once() -> None:
    officer = factories.officer()
    claims = [factories.claim() for _ in range(8)]
    keys = [claim.id for claim in claims]

    at_once(
        lambda: services.post_approved_claims(subject_ids=list(reversed(keys)), at=NOW),
        lambda: services.freeze_batch(by=officer, at=NOW),
        lambda: services.post_approved_claims(subject_ids=keys, at=NOW),
    )

    assert PaymentBatch.objects.get().control_sum_centimes == 8 * 14_000
    assert selectors.ledger_balances()["BENEFITS"] == 8 * 14_000
    assert selectors.ledger_sum() == 0


def test_two_people_approve_one_batch_and_one_is_told() -> None:
    preparer, one, other = factories.officer(), factories.officer(), factories.officer()
    factories.claim()
    batch = services.freeze_batch(by=preparer, at=NOW)

    results = at_once(
        lambda: services.approve_batch(batch=batch, by=one, at=NOW),
        lambda: services.approve_batch(batch=batch, by=other, at=NOW),
    )

    refused = [result for result in results if isinstance(result, DomainError)]
    assert [error.code for error in refused] == ["TRANSITION_REFUSED"]
    batch.refresh_from_db()
    assert (batch.state, batch.approved_by in (one, other)) == ("APPROVED", True)


def test_two_exports_at_once_give_one_file() -> None:
    preparer, approver = factories.officer(), factories.officer()
    factories.claim()
    batch = services.freeze_batch(by=preparer, at=NOW)
    services.approve_batch(batch=batch, by=approver, at=NOW)

    first, second = at_once(
        lambda: services.export_batch(batch=batch, by=preparer, at=NOW),
        lambda: services.export_batch(batch=batch, by=approver, at=NOW + timedelta(minutes=1)),
    )

    assert isinstance(first, bytes)
    assert first == second
    assert selectors.ledger_balances()["TRANSIT"] == -14_000


def test_an_answer_read_twice_at_once_pays_once() -> None:
    preparer, approver = factories.officer(), factories.officer()
    for _ in range(4):
        factories.claim()
    batch = services.freeze_batch(by=preparer, at=NOW)
    services.approve_batch(batch=batch, by=approver, at=NOW)
    file = services.export_batch(batch=batch, by=approver, at=NOW)
    back = f"{batch.number}-00002"
    answer = demo_bank_answer(file, at=NOW, returned=[back])
    later = demo_bank_answer(file, at=NOW + timedelta(hours=1), returned=[back])

    results = at_once(
        lambda: services.read_bank_answer(content=answer, by=preparer, at=NOW),
        lambda: services.read_bank_answer(content=answer, by=approver, at=NOW),
        lambda: services.read_bank_answer(content=later, by=approver, at=NOW),
    )

    assert results[0] == results[1]
    assert BankAnswer.objects.count() == 2
    assert sorted((r.paid_count, r.returned_count) for r in BankAnswer.objects.all()) == [
        (0, 0),
        (3, 1),
    ]
    assert sorted(Claim.objects.values_list("state", flat=True)) == ["PAID"] * 3 + [
        "PAYMENT_FAILED"
    ]
    assert selectors.ledger_balances() == {
        "BENEFITS": 4 * 14_000,
        "PAYABLE_INSURED": -14_000,
        "PAYABLE_PROVIDER": 0,
        "TRANSIT": 0,
        "BANK": -3 * 14_000,
        "RECEIVABLE": 0,
    }


ROUNDS = range(4)


def codes(results: list[Any]) -> list[str]:
    return sorted(result.code for result in results if isinstance(result, DomainError))


def claim_states() -> list[str]:
    return sorted(Claim.objects.values_list("state", flat=True))


@pytest.mark.parametrize("_round", ROUNDS)
def test_a_freeze_and_a_cancel_at_the_same_moment(_round: int) -> None:
    one, other = factories.officer(), factories.officer()
    for _ in range(4):
        factories.claim()
    batch = services.freeze_batch(by=one, at=NOW)
    factories.claim()

    cancelled, frozen = at_once(
        lambda: services.cancel_batch(batch=batch, by=one, at=NOW, reason="erreur"),
        lambda: services.freeze_batch(by=other, at=NOW),
    )

    assert (cancelled.state, frozen.state) == ("CANCELLED", "FROZEN")
    live = OrderClaim.objects.filter(is_live=True)
    assert set(live.values_list("order__batch_id", flat=True)) == {frozen.id}
    # The freeze saw the four claims given back, or it did not: never some of them.
    assert live.count() in (1, 5)
    assert claim_states().count("SCHEDULED") == live.count()
    assert claim_states().count("APPROVED") == 5 - live.count()
    assert selectors.ledger_balances()["BENEFITS"] == 5 * 14_000
    assert selectors.ledger_sum() == 0


@pytest.mark.parametrize("_round", ROUNDS)
def test_an_approval_and_a_cancel_at_the_same_moment(_round: int) -> None:
    preparer, approver = factories.officer(), factories.officer()
    factories.claim()
    batch = services.freeze_batch(by=preparer, at=NOW)

    results = at_once(
        lambda: services.approve_batch(batch=batch, by=approver, at=NOW),
        lambda: services.cancel_batch(batch=batch, by=preparer, at=NOW, reason="erreur"),
    )

    # An approved batch may still be cancelled, a cancelled one not approved: cancelled both ways.
    assert codes(results) in ([], ["TRANSITION_REFUSED"])
    batch.refresh_from_db()
    assert batch.state == "CANCELLED"
    assert (batch.approved_by is None) == (codes(results) == ["TRANSITION_REFUSED"])
    assert claim_states() == ["APPROVED"]
    assert not OrderClaim.objects.filter(is_live=True).exists()


@pytest.mark.parametrize("_round", ROUNDS)
def test_an_export_and_a_cancel_at_the_same_moment(_round: int) -> None:
    preparer, approver = factories.officer(), factories.officer()
    factories.claim()
    batch = services.freeze_batch(by=preparer, at=NOW)
    services.approve_batch(batch=batch, by=approver, at=NOW)

    exported, cancelled = at_once(
        lambda: services.export_batch(batch=batch, by=preparer, at=NOW),
        lambda: services.cancel_batch(batch=batch, by=approver, at=NOW, reason="erreur"),
    )

    batch.refresh_from_db()
    assert isinstance(exported, bytes) == isinstance(cancelled, DomainError)
    left = isinstance(exported, bytes)
    assert batch.state == ("EXPORTED" if left else "CANCELLED")
    assert claim_states() == (["SCHEDULED"] if left else ["APPROVED"])
    assert selectors.ledger_balances()["TRANSIT"] == (-14_000 if left else 0)


def sent_batch(preparer: Any, approver: Any, n: int = 4) -> tuple[PaymentBatch, bytes]:
    for _ in range(n):
        factories.claim()
    batch = services.freeze_batch(by=preparer, at=NOW)
    services.approve_batch(batch=batch, by=approver, at=NOW)
    return batch, services.export_batch(batch=batch, by=approver, at=NOW)


@pytest.mark.parametrize("_round", ROUNDS)
def test_a_report_and_overlapping_notices_at_once(_round: int) -> None:
    preparer, approver = factories.officer(), factories.officer()
    batch, file = sent_batch(preparer, approver)
    back = f"{batch.number}-00002"
    first_half = [f"{batch.number}-0000{n}" for n in (1, 2)]
    files = [
        demo_bank_answer(file, at=NOW),
        demo_bank_notification(file, at=NOW),
        demo_bank_notification(file, at=NOW, executed=first_half),
        demo_bank_notification(file, at=NOW, executed=[], returned=[back]),
    ]

    results = at_once(
        *(
            lambda content=content: services.read_bank_answer(content=content, by=preparer, at=NOW)
            for content in files
        )
    )

    assert codes(results) == []
    assert claim_states() == ["PAID"] * 3 + ["PAYMENT_FAILED"]
    assert BankLine.objects.count() == 4 + 4 + 1
    assert PaymentRepair.objects.count() == 1
    assert selectors.ledger_balances()["BANK"] == -3 * 14_000
    assert selectors.ledger_balances()["PAYABLE_INSURED"] == -14_000
    batch.refresh_from_db()
    assert batch.state == "PARTLY_SETTLED"


@pytest.mark.parametrize("_round", ROUNDS)
def test_an_answer_and_a_second_export_at_once(_round: int) -> None:
    preparer, approver = factories.officer(), factories.officer()
    batch, file = sent_batch(preparer, approver)

    again, answer = at_once(
        lambda: services.export_batch(batch=batch, by=preparer, at=NOW + timedelta(hours=1)),
        lambda: services.read_bank_answer(
            content=demo_bank_answer(file, at=NOW), by=approver, at=NOW
        ),
    )

    assert again == file
    assert answer.paid_count == 4
    assert selectors.ledger_balances()["TRANSIT"] == 0
    assert claim_states() == ["PAID"] * 4


@pytest.mark.parametrize("_round", ROUNDS)
def test_a_return_and_a_reconciliation_at_once(_round: int) -> None:
    preparer, approver = factories.officer(), factories.officer()
    batch, file = sent_batch(preparer, approver)
    services.read_bank_answer(content=demo_bank_notification(file, at=NOW), by=preparer, at=NOW)
    back = demo_bank_notification(file, at=NOW, executed=[], returned=[f"{batch.number}-00001"])

    results = at_once(
        lambda: services.reconcile_batch(batch=batch, by=approver, at=NOW),
        lambda: services.read_bank_answer(content=back, by=preparer, at=NOW),
    )

    assert codes(results) == []
    batch.refresh_from_db()
    assert batch.state == "RECONCILED"
    assert claim_states() == ["PAID"] * 3 + ["PAYMENT_FAILED"]


def test_two_officers_decide_one_repair_and_one_is_told() -> None:
    preparer, approver = factories.officer(), factories.officer()
    batch, file = sent_batch(preparer, approver, 1)
    answer = demo_bank_answer(file, at=NOW, returned=[f"{batch.number}-00001"])
    services.read_bank_answer(content=answer, by=preparer, at=NOW)
    repair = PaymentRepair.objects.get()

    results = at_once(
        *(
            lambda by=by: services.retry_same_account(
                repairs=[repair], by=by, at=NOW, reason="confirmé"
            )
            for by in (preparer, approver)
        )
    )

    assert codes(results) == ["TRANSITION_REFUSED"]
    repair.refresh_from_db()
    assert repair.state == "RETRYING"
