"""Money that comes back after a reversal, and refusals that arrive with the COMMIT."""

import pytest

from accounts.models import Role
from claims.models import Claim
from core import idempotency
from core.appending import append
from core.models import AuditEvent
from payments import selectors, services
from payments.gateways.demo_bank import demo_bank_answer, demo_bank_notification
from payments.models import PaymentOrder, UndueAmount
from payments.selectors.recoveries import receivable_centimes
from tests import world
from tests.payments import factories
from tests.payments.test_recoveries import LATER, NOW, debt, owed, plan
from tests.payments.test_reversals import GROUNDS


@pytest.fixture
def preparer(db):
    return factories.officer()


@pytest.fixture
def approver(db):
    return factories.officer()


def reverse(claim: Claim) -> None:
    asked = services.ask_reversal(
        claim_id=claim.pk, grounds=GROUNDS, by=world.user(Role.AGENT), at=LATER
    )
    services.confirm_reversal(reversal_id=asked.pk, by=world.user(Role.AGENT), at=LATER)


@pytest.mark.django_db
def test_a_late_return_of_a_claim_kept_whole_and_reversed_is_read(preparer, approver) -> None:
    shop = world.pharmacy()
    plan(debt(shop), share_bp=None, fixed_centimes=3_000)
    whole, part = owed(shop, 1_000), owed(shop, 9_000)
    batch = services.freeze_batch(by=preparer, at=LATER)
    services.approve_batch(batch=batch, by=approver, at=LATER)
    file = services.export_batch(batch=batch, by=preparer, at=LATER)
    services.read_bank_answer(content=demo_bank_answer(file, at=LATER), by=preparer, at=LATER)
    reverse(whole)

    order = PaymentOrder.objects.get(batch=batch)
    notice = demo_bank_notification(file, at=LATER, returned=[order.reference])
    services.read_bank_answer(content=notice, by=preparer, at=LATER)

    part.refresh_from_db()
    assert part.state == "PAYMENT_FAILED"
    # Nothing of this claim went to the bank: nothing came back, its debt stands.
    undue = UndueAmount.objects.get(claim=whole)
    assert (undue.state, undue.left_centimes) == ("OPEN", 1_000)
    assert selectors.ledger_balances()["RECEIVABLE"] == receivable_centimes()


@pytest.mark.django_db(transaction=True)
def test_a_key_known_before_undoes_work_that_only_writes() -> None:
    def call():
        append(
            AuditEvent(
                at=NOW, actor="system:test", action="once", subject_type="job", subject_id="1"
            )
        )
        return 201, {}

    for _again in range(2):
        idempotency.once(caller="x", key="k", content={}, at=NOW, call=call, asks_first=True)
    assert AuditEvent.objects.filter(action="once").count() == 1
