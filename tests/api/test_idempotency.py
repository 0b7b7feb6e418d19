"""The same key and body: the same answer; the same key and another body: a refusal; no key: none."""

import pytest

from claims.models import Claim
from core.models import IdempotentCall
from tests import world
from tests.api.conftest import Api, assert_problem, signed_by, token_of

pytestmark = pytest.mark.django_db
KEY = "une-cle-pour-une-operation"


@pytest.fixture
def body(doctor, patient):
    return signed_by(doctor, world.care_document(doctor, patient))


def test_the_same_request_twice_is_one_claim_and_one_answer(as_doctor, body, nothing_changes):
    first = as_doctor.post("claims", body, key=KEY)

    with nothing_changes():
        second = as_doctor.post("claims", body, key=KEY)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert Claim.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(
    as_doctor, doctor, patient, body, nothing_changes
):
    as_doctor.post("claims", body, key=KEY)
    other = signed_by(doctor, world.care_document(doctor, patient))

    with nothing_changes():
        response = as_doctor.post("claims", other, key=KEY)

    assert_problem(response, 422, "IDEMPOTENCY_KEY_REUSED")


def test_the_same_key_at_another_address_is_refused(as_doctor, doctor, body, nothing_changes):
    as_doctor.post("claims", body, key=KEY)

    with nothing_changes():
        response = as_doctor.post(f"devices/{doctor.device.kid}/revocation", {}, key=KEY)

    assert_problem(response, 422, "IDEMPOTENCY_KEY_REUSED")


@pytest.mark.parametrize("key", [None, "court", "avec espace dedans", "k" * 81])
def test_a_write_without_a_usable_key_is_refused(as_doctor, body, key, nothing_changes):
    with nothing_changes():
        response = as_doctor.post("claims", body, key=key)

    assert_problem(response, 400, "IDEMPOTENCY_KEY_MISSING")


def test_a_refused_request_may_be_sent_again_with_its_key(as_doctor, doctor, body):
    wrong = {**body, "signature": "A" * 86}
    refused = as_doctor.post("claims", wrong, key=KEY)

    accepted = as_doctor.post("claims", body, key=KEY)

    assert_problem(refused, 422, "SIGNATURE_INVALID")
    assert accepted.status_code == 201


def test_keys_are_each_callers_own(as_doctor, doctor, patient, body):
    as_doctor.post("claims", body, key=KEY)
    software = Api(token=token_of(doctor))

    other = software.post(
        "claims", signed_by(doctor, world.care_document(doctor, patient)), key=KEY
    )

    assert other.status_code == 201
    assert IdempotentCall.objects.filter(key=KEY).count() == 2


def test_the_same_document_under_a_new_key_is_the_same_claim(as_doctor, body):
    first, second = (as_doctor.post("claims", body) for _each in range(2))

    assert first.json()["id"] == second.json()["id"]
    assert Claim.objects.count() == 1
