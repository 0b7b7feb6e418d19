"""A batch is reconciled when its orders, the ledger and the bank's bookings are one, to the centime."""

from datetime import timedelta

import pytest
from django.db import connection

from core.models import AuditEvent
from core.transitions import TransitionRefused
from payments import services
from payments.selectors.reconciliation import reconciliation_of
from tests import world
from tests.payments.test_answers import ANSWERED, Sent
from tests.payments.test_batches import refused

LATER = ANSWERED + timedelta(days=3)
pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(preparer, approver) -> Sent:
    return Sent(preparer, approver)


def table(sent: Sent) -> list[tuple[int, int, int]]:
    return [
        (row.orders_centimes, row.ledger_centimes, row.bank_centimes)
        for row in reconciliation_of(sent.batch)
    ]


def reconcile(sent: Sent):
    return services.reconcile_batch(batch=sent.batch, by=sent.by, at=LATER)


def test_nothing_is_answered_yet(sent: Sent, everything) -> None:
    assert table(sent) == [(0, 0, 0), (0, 0, 0), (20_520, 20_520, 20_520)]
    refused(TransitionRefused, lambda: reconcile(sent), everything)


def test_a_report_alone_books_nothing(sent: Sent, everything) -> None:
    sent.read(sent.answer(sent.said))

    assert table(sent) == [(18_520, 18_520, 0), (2_000, 2_000, 2_000), (0, 0, 18_520)]
    error = refused(services.BatchNotReconciled, lambda: reconcile(sent), everything)
    assert "Sorti du compte 185,20" in error.text("fr")
    assert "Sorti" not in error.text("ar")


def test_a_report_and_its_bookings_are_reconciled(sent: Sent) -> None:
    sent.read(sent.answer(sent.said))
    sent.read(sent.notice(executed=[sent.amina, sent.boxes]))

    assert table(sent) == [(18_520, 18_520, 18_520), (2_000, 2_000, 2_000), (0, 0, 0)]
    batch = reconcile(sent)

    assert batch.state == "RECONCILED"
    audited = AuditEvent.objects.get(action="payments.batch.reconciled")
    assert audited.after["left_the_account_centimes"] == 18_520


def test_a_return_after_the_payment_is_in_all_three_books(sent: Sent) -> None:
    sent.read(sent.notice())
    assert table(sent) == [(20_520, 20_520, 20_520), (0, 0, 0), (0, 0, 0)]
    sent.read(sent.notice(executed=[], returned=[sent.said]), at=LATER)

    assert table(sent) == [(18_520, 18_520, 18_520), (2_000, 2_000, 2_000), (0, 0, 0)]
    assert reconcile(sent).state == "RECONCILED"


def test_a_return_whose_debit_is_missing_is_a_difference(sent: Sent, everything) -> None:
    sent.read(sent.notice(executed=[sent.amina, sent.boxes], returned=[sent.said]))

    assert table(sent) == [(18_520, 18_520, 16_520), (2_000, 2_000, 2_000), (0, 0, 2_000)]
    refused(services.BatchNotReconciled, lambda: reconcile(sent), everything)
    sent.read(sent.notice(executed=[sent.said], at=LATER))
    assert reconcile(sent).state == "RECONCILED"


def test_a_rejected_transfer_debited_and_credited_back_changes_no_total(sent: Sent) -> None:
    sent.read(sent.answer(sent.said))
    sent.read(sent.notice(returned=[sent.said]))

    assert table(sent) == [(18_520, 18_520, 18_520), (2_000, 2_000, 2_000), (0, 0, 0)]


def test_a_return_after_reconciliation_is_applied_and_the_books_agree_again(sent: Sent) -> None:
    sent.read(sent.notice())
    reconcile(sent)

    sent.read(sent.notice(executed=[], returned=[sent.said]), at=LATER)

    sent.batch.refresh_from_db()
    assert sent.batch.state == "RECONCILED"
    assert table(sent) == [(18_520, 18_520, 18_520), (2_000, 2_000, 2_000), (0, 0, 0)]


def test_an_order_changed_behind_the_services_is_a_difference(sent: Sent, everything) -> None:
    sent.read(sent.notice())
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payments_paymentorder SET amount_centimes = amount_centimes + 1 WHERE reference = %s",
            [sent.reference_of(sent.said)],
        )

    error = refused(services.BatchNotReconciled, lambda: reconcile(sent), everything)
    assert "0,01" in error.text("fr")


def test_who_does_not_pay_reconciles_nothing(sent: Sent, everything) -> None:
    sent.read(sent.notice())
    sent.by = world.user(world.Role.AUDITOR)

    refused(services.NotAPaymentOfficer, lambda: reconcile(sent), everything)


def test_a_batch_is_reconciled_once(sent: Sent, everything) -> None:
    sent.read(sent.notice())
    reconcile(sent)

    refused(TransitionRefused, lambda: reconcile(sent), everything)
