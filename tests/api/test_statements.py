"""Transfers to a provider, and their paper."""

import pytest

from core.models import AuditEvent
from payments.services import approve_batch, export_batch, freeze_batch
from tests import world
from tests.api.conftest import Api, assert_problem, token_of
from tests.payments import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(shop):
    """A batch that went to the bank with one transfer to the pharmacy and one to a doctor."""
    from payments.services import post_approved_claims

    made = [
        factories.claim(doctor=each, third_party_payment=True) for each in (shop, world.practice())
    ]
    post_approved_claims(subject_ids=[claim.pk for claim in made], at=world.NOW)
    batch = freeze_batch(by=factories.officer(), at=world.NOW)
    second = factories.officer()
    approve_batch(batch=batch, by=second, at=world.NOW)
    export_batch(batch=batch, by=second, at=world.NOW)
    return batch


def test_a_pharmacy_lists_its_own_transfers_only(as_pharmacist, shop, paid):
    answer = as_pharmacist.get("statements").json()

    (row,) = answer["results"]
    assert row["provider"]["inpe"] == shop.provider.inpe
    assert (row["amount"], row["state"]["code"], row["batch"]) == ("140.00", "SENT", paid.number)


def test_the_paper_is_a_pdf_and_its_reading_is_audited(as_pharmacist, shop, paid):
    (row,) = as_pharmacist.get("statements").json()["results"]

    response = as_pharmacist.get(f"statements/{row['id']}/document")

    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    assert response.getvalue().startswith(b"%PDF-")
    assert AuditEvent.objects.filter(
        action="payments.statement.read", actor=f"user:{shop.user.pk}"
    ).exists()


def test_nobody_opens_the_paper_of_another(as_pharmacist, paid, nothing_changes):
    (row,) = as_pharmacist.get("statements").json()["results"]
    neighbour = world.pharmacy()

    with nothing_changes():
        response = Api(user=neighbour.user).get(f"statements/{row['id']}/document")

    assert_problem(response, 404, "STATEMENT_UNKNOWN")
    assert Api(token=token_of(neighbour)).get("statements").json()["results"] == []
