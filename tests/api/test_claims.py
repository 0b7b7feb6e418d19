"""Care claims: from a signed body to a decision in words, and back by the list."""

import pytest

from claims.models import Claim
from tests import world
from tests.api.conftest import Api, assert_problem, signed_by, token_of

pytestmark = pytest.mark.django_db


def test_submit_answers_with_receipt_and_decision(as_doctor, doctor, patient):
    body = signed_by(doctor, world.care_document(doctor, patient))

    response = as_doctor.post("claims", body)

    answer = response.json()
    assert response.status_code == 201
    assert answer["fse_number"] == body["document"]["fse_number"]
    assert answer["state"] == {
        "code": "ADJUDICATED",
        "label": {"fr": "liquidée", "ar": answer["state"]["label"]["ar"]},
    }
    assert answer["decision"]["outcome"] == "approved"
    assert (answer["charged"], answer["reimbursed"], answer["insured_share"]) == (
        "200.00",
        "56.00",
        "144.00",
    )
    (line,) = answer["decision"]["lines"]
    assert (line["tariff"], line["base"], line["rate"]) == ("80.00", "80.00", "0.70")
    (reason,) = line["reasons"]
    assert reason["code"] == "PRICE_CAPPED"
    assert "200,00" in reason["message"]["fr"]
    assert line["steps"][0]["rule"] == "tariff"
    assert all(step["sentence"]["ar"] and step["sentence"]["fr"] for step in line["steps"])


def test_the_document_is_kept_as_signed(as_doctor, doctor, patient):
    body = signed_by(doctor, world.care_document(doctor, patient))

    as_doctor.post("claims", body)

    claim = Claim.objects.get()
    assert claim.signed.document == body["document"]
    assert claim.signed.signature == body["signature"]


def test_software_submits_with_its_token(doctor, patient):
    software = Api(token=token_of(doctor))

    response = software.post("claims", signed_by(doctor, world.care_document(doctor, patient)))

    assert response.status_code == 201
    assert Claim.objects.get().author == doctor.user


def test_closed_rights_are_a_decision_not_an_error(as_doctor, doctor):
    stranger = world.person(rights=None)

    response = as_doctor.post("claims", signed_by(doctor, world.care_document(doctor, stranger)))

    answer = response.json()
    assert response.status_code == 201
    assert answer["state"]["code"] == "DENIED"
    assert answer["decision"]["outcome"] == "denied"
    assert answer["reimbursed"] == "0.00"
    assert [reason["code"] for reason in answer["decision"]["lines"][0]["reasons"]] == [
        "RIGHTS_CLOSED"
    ]


def test_one_claim_reads_like_its_receipt(as_doctor, doctor, patient):
    receipt = as_doctor.post(
        "claims", signed_by(doctor, world.care_document(doctor, patient))
    ).json()

    response = as_doctor.get(f"claims/{receipt['id']}")

    assert response.status_code == 200
    assert response.json() == receipt


def test_list_is_newest_first_and_follows_its_cursor(as_doctor, doctor, patient):
    numbers = []
    for _each in range(3):
        document = world.care_document(doctor, patient)
        as_doctor.post("claims", signed_by(doctor, document))
        numbers.append(document["fse_number"])

    first = as_doctor.get("claims", page_size="2").json()
    second = as_doctor.client.get(first["next"]).json()

    assert [row["fse_number"] for row in first["results"]] == [numbers[2], numbers[1]]
    assert [row["fse_number"] for row in second["results"]] == [numbers[0]]
    assert second["next"] is None
    assert "decision" not in first["results"][0]


def test_list_filters_by_number_and_state(as_doctor, doctor, patient):
    kept, other = (world.care_document(doctor, patient) for _each in range(2))
    for document in (kept, other):
        as_doctor.post("claims", signed_by(doctor, document))

    found = as_doctor.get("claims", fse_number=kept["fse_number"], state="ADJUDICATED").json()
    denied = as_doctor.get("claims", state="DENIED").json()

    assert [row["fse_number"] for row in found["results"]] == [kept["fse_number"]]
    assert denied["results"] == []


def test_a_cursor_of_nobody_is_refused(as_doctor):
    assert_problem(as_doctor.get("claims", cursor="pas un curseur"), 400, "CURSOR_UNKNOWN")


def test_another_practice_sees_nothing(as_doctor, doctor, patient):
    receipt = as_doctor.post(
        "claims", signed_by(doctor, world.care_document(doctor, patient))
    ).json()
    neighbour = Api(user=world.practice().user)

    assert neighbour.get("claims").json()["results"] == []
    assert_problem(neighbour.get(f"claims/{receipt['id']}"), 404, "CLAIM_NOT_FOUND")
