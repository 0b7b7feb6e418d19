"""A batch through its pages: previewed, frozen, approved by another, sent, answered."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from claims.models import Claim
from payments.models import PaymentBatch
from tests.fraud.filing import care_claim, screened

pytestmark = pytest.mark.django_db

SignIn = Callable[[Role], Client]


def deed(batch: PaymentBatch, name: str) -> str:
    return reverse(f"admin:payments_paymentbatch_{name}", args=[batch.pk])


def frozen(client: Client) -> PaymentBatch:
    screened(care_claim())
    client.post(reverse("admin:payments_paymentbatch_freeze"))
    return PaymentBatch.objects.get()


def test_the_preview_counts_sums_and_says_what_is_left_out(signed_in: SignIn) -> None:
    screened(care_claim())
    left = screened(care_claim())
    left.insured.payeeaccounts.all().delete()
    page = signed_in(Role.PAYMENT_OFFICER).get(reverse("admin:payments_paymentbatch_freeze"))
    text = page.content.decode()
    assert page.context["count"] == 1
    assert page.context["total_centimes"] == 5600
    assert "aucun compte bancaire valable" in text
    assert not PaymentBatch.objects.exists()


def test_nothing_to_pay_is_said_and_nothing_is_made(signed_in: SignIn) -> None:
    answer = signed_in(Role.PAYMENT_OFFICER).post(reverse("admin:payments_paymentbatch_freeze"))
    assert answer.status_code == 409
    assert "Aucun bordereau n’a été créé" in answer.content.decode()
    assert not PaymentBatch.objects.exists()


def test_who_prepared_does_not_approve_and_another_does(signed_in: SignIn) -> None:
    first, second = signed_in(Role.PAYMENT_OFFICER), signed_in(Role.PAYMENT_OFFICER)
    batch = frozen(first)
    refused = first.post(deed(batch, "approuver"))
    assert refused.status_code == 403
    assert "une autre personne doit l’approuver" in refused.content.decode()
    batch.refresh_from_db()
    assert (batch.state, batch.approved_by_id) == ("FROZEN", None)
    assert second.post(deed(batch, "approuver")).status_code == 302
    batch.refresh_from_db()
    assert batch.state == "APPROVED"


def test_the_bank_file_is_a_download_and_its_answer_is_read(signed_in: SignIn) -> None:
    first, second = signed_in(Role.PAYMENT_OFFICER), signed_in(Role.PAYMENT_OFFICER)
    batch = frozen(first)
    second.post(deed(batch, "approuver"))
    sent = first.post(deed(batch, "fichier"))
    assert sent["Content-Type"] == "application/xml"
    assert batch.number in sent["Content-Disposition"]
    assert sent.content == first.post(deed(batch, "fichier")).content
    wrong = SimpleUploadedFile("reponse.xml", b"<html>", content_type="text/xml")
    assert first.post(deed(batch, "reponse"), {"answer": wrong}).status_code in {400, 422}
    batch.refresh_from_db()
    assert batch.state == "EXPORTED"


@pytest.mark.parametrize("name", ["approuver", "annuler", "fichier", "reponse"])
@pytest.mark.parametrize("role", [Role.AUDITOR, Role.AGENT, Role.FRAUD_OFFICER])
def test_the_other_roles_change_nothing(name: str, role: Role, signed_in: SignIn) -> None:
    batch = frozen(signed_in(Role.PAYMENT_OFFICER))
    client: Any = signed_in(role)
    assert client.get(deed(batch, name)).status_code in {403, 405}
    given: dict[str, Any] = {"reason": "essai"}
    if name == "reponse":
        given["answer"] = SimpleUploadedFile("reponse.xml", b"<html/>")
    answer = client.post(deed(batch, name), given)
    assert answer.status_code == 403
    batch.refresh_from_db()
    assert batch.state == "FROZEN"


def test_a_cancelled_batch_needs_a_reason_and_gives_its_claims_back(signed_in: SignIn) -> None:
    client = signed_in(Role.PAYMENT_OFFICER)
    batch = frozen(client)
    assert client.post(deed(batch, "annuler"), {"reason": " "}).status_code == 422
    assert Claim.objects.get().state == "SCHEDULED"
    assert client.post(deed(batch, "annuler"), {"reason": "erreur"}).status_code == 302
    assert Claim.objects.get().state == "APPROVED"
