"""From a signed care claim to the statement, through every room's own services."""

from datetime import timedelta

import pytest

from claims.models import Claim
from core.models import OutboxMessage
from core.outbox import deliver, take
from payments import selectors, services
from payments.gateways.demo_bank import demo_bank_answer
from payments.presenters import statement_pdf
from payments.presenters.statement import statement_of
from tests import world
from tests.payments import factories

NOW = factories.NOW


def relay() -> None:
    """What the worker does: deliver until nothing waits."""
    while messages := take(at=NOW, limit=50):
        deliver(messages, at=NOW)


@pytest.mark.django_db
def test_a_consultation_is_judged_screened_posted_paid_and_explained(preparer, approver) -> None:
    world.act("C")
    doctor, patient = world.practice(), world.person()
    claim = world.submit(doctor, world.care_document(doctor, patient))

    relay()

    claim = Claim.objects.get(id=claim.id)
    assert claim.state == "APPROVED"
    owed = claim.reimbursed_centimes
    assert selectors.ledger_balances()["PAYABLE_INSURED"] == -owed < 0
    assert selectors.claims_payable(NOW) == [claim]

    batch = services.freeze_batch(by=preparer, at=NOW)
    services.approve_batch(batch=batch, by=approver, at=NOW)
    file = services.export_batch(batch=batch, by=approver, at=NOW)
    services.read_bank_answer(
        content=demo_bank_answer(file, at=NOW), by=preparer, at=NOW + timedelta(days=1)
    )
    relay()

    claim = Claim.objects.get(id=claim.id)
    order = selectors.orders_of_claims([claim.id])[claim.id]
    assert (claim.state, order.state, order.amount_centimes) == ("PAID", "PAID", owed)
    assert selectors.ledger_balances() == {
        "BENEFITS": owed,
        "PAYABLE_INSURED": 0,
        "PAYABLE_PROVIDER": 0,
        "TRANSIT": 0,
        "BANK": -owed,
        "RECEIVABLE": 0,
    }
    assert OutboxMessage.objects.filter(done_at__isnull=True).count() == 0
    line = statement_of(order).claims[0].lines[0]
    assert line.reimbursed == owed
    assert line.reasons[0]["fr"].startswith("Prix payé 200,00")
    assert statement_pdf(order).startswith(b"%PDF-1.")
