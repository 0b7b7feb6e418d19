"""Presence, guarantees and requests through the API."""

from typing import Any

import pytest

from tests.api.conftest import Api, assert_problem, codes

pytestmark = pytest.mark.django_db


@pytest.fixture
def number(prescription: Any, patient: Any) -> str:
    patient.insured.phone = "0612345678"
    patient.insured.save()
    return str(prescription.fse_number)


def test_presence_raises_what_is_guaranteed(as_pharmacist: Api, number: str) -> None:
    address = f"prescriptions/{number}/presence"
    before = as_pharmacist.get(address).json()
    assert (before["proof"], before["share"]) == (None, "0.00")

    sent = as_pharmacist.post(f"{address}-codes", {}).json()
    digits = "".join(each for each in sent["shown"] if each.isdigit())
    wrong = f"{(int(digits) + 1) % 10**6:06d}"
    tried = {"level": "ONE_TIME_CODE", "evidence": wrong}
    answers = [as_pharmacist.post(address, tried).json() for _try in range(2)]
    right = as_pharmacist.post(address, {**tried, "evidence": digits}).json()

    assert [each["attempts_left"] for each in answers] == [2, 1]
    assert right["proof"]["level"]["code"] == "ONE_TIME_CODE"
    assert right["share"] == "1.00"
    assert [each["level"]["code"] for each in right["guarantees"]] == [
        "CARD",
        "ONE_TIME_CODE",
        "PORTAL_QR",
        "ATTESTATION",
        "NONE",
    ]


def test_refused_evidence_is_told(
    as_pharmacist: Api, as_doctor: Api, number: str, nothing_changes: Any
) -> None:
    address = f"prescriptions/{number}/presence"
    with nothing_changes():
        wrong = as_pharmacist.post(address, {"level": "CARD", "evidence": "ZZ999"})
        assert_problem(wrong, 422, "CARD_OF_ANOTHER")
        wrong = as_pharmacist.post(address, {"level": "FACE", "evidence": "x"})
        assert codes(wrong) == [("/level", "UNKNOWN_CHOICE")]
        wrong = as_pharmacist.post(address, {"level": "ATTESTATION", "evidence": "a\u0000b"})
        assert wrong.status_code in (400, 422)
        unknown = as_pharmacist.get("prescriptions/ABCDEFGHJKM0/presence")
        assert_problem(unknown, 404, "PRESCRIPTION_NOT_FOUND")
        assert as_doctor.get(address).status_code == 403


def test_a_question_is_answered(as_pharmacist: Api, as_doctor: Api, number: str) -> None:
    body = {"kind": "STOCK", "position": 1, "body": "Manque depuis lundi."}
    asked = as_pharmacist.post(f"prescriptions/{number}/requests", body)
    assert asked.status_code == 201
    found = as_doctor.get("requests", state="OPEN").json()["results"]
    assert [each["id"] for each in found] == [asked.json()["id"]]

    address = f"requests/{found[0]['id']}"
    said = as_doctor.post(f"{address}/messages", {"body": "Et chez le grossiste ?"})
    done = as_doctor.post(f"{address}/answer", {"answer": "NO", "note": "Attendez."})

    assert len(said.json()["messages"]) == 2
    assert done.json()["answer"]["code"] == "NO"
    assert [each["body"] for each in done.json()["messages"]][-1] == "Attendez."
    again = as_pharmacist.post(f"{address}/withdrawal", {})
    assert_problem(again, 409, "REQUEST_CLOSED")
    assert as_pharmacist.get("requests").json()["results"][0]["state"]["code"] == "ANSWERED"
