"""What the doctor's and the pharmacist's pages ask of the server, beside the API's own tests."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.models import AuditEvent
from tests import world

pytestmark = pytest.mark.django_db


def signed_in(practice: world.Practice) -> Client:
    client = Client()
    client.force_login(practice.user, backend="accounts.backends.AccountBackend")
    return client


def ask(client: Client, path: str, body: dict[str, Any]) -> Any:
    return client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json")


def test_the_qr_of_a_number_is_an_image_of_it() -> None:
    doctor = world.practice()
    answer = signed_in(doctor).get(f"/cabinet/qr/{doctor.mint()}.svg")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer.content.startswith(b"<svg ")
    assert b"style=" not in answer.content


def test_a_number_with_a_wrong_check_character_has_no_qr() -> None:
    doctor = world.practice()
    number = doctor.mint()
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    assert signed_in(doctor).get(f"/cabinet/qr/{wrong}.svg").status_code == 404


def test_a_pharmacy_reads_the_rights_of_the_patient_of_the_number_it_was_handed() -> None:
    doctor, shop, patient = world.practice(), world.pharmacy(), world.person()
    world.person(household=patient.insured, relation="SPOUSE", last_name="Autre")
    document = world.prescription_document(doctor, patient, [world.medicine()])
    prescription = world.prescribe(doctor, document)
    body = {"fse_number": prescription.fse_number, "day": world.TODAY.isoformat()}
    answer = ask(signed_in(shop), "rights-checks", body)
    assert answer.status_code == 200, answer.content
    assert [person["id"] for person in answer.json()["persons"]] == [str(patient.pk)]
    assert AuditEvent.objects.filter(action="insured.rights.read").count() == 1


def test_a_number_that_names_nobody_gives_nobody() -> None:
    doctor = world.practice()
    body = {"fse_number": doctor.mint(), "day": world.TODAY.isoformat()}
    answer = ask(signed_in(doctor), "rights-checks", body)
    assert (answer.status_code, answer.json()["persons"]) == (200, [])


def test_rights_are_asked_by_one_number_only() -> None:
    doctor, patient = world.practice(), world.person()
    body = {"fse_number": doctor.mint(), "cin": patient.cin, "day": world.TODAY.isoformat()}
    answer = ask(signed_in(doctor), "rights-checks", body)
    assert answer.status_code == 422
    assert [error["code"] for error in answer.json()["errors"]] == ["ONE_OF_THREE"]


def test_the_history_is_asked_day_by_day() -> None:
    doctor, patient = world.practice(), world.person()
    world.act()
    claim = world.submit(doctor, world.care_document(doctor, patient))
    client = signed_in(doctor)
    day = timezone.localdate(claim.received_at)
    found = client.get("/api/v1/claims", {"day": day.isoformat()}).json()["results"]
    assert [each["id"] for each in found] == [str(claim.pk)]
    before = (day - timedelta(days=1)).isoformat()
    assert client.get("/api/v1/claims", {"day": before}).json()["results"] == []


@pytest.mark.parametrize(
    "address",
    [
        "/cabinet/",
        "/cabinet/consultation/",
        "/cabinet/feuilles/",
        "/pharmacie/",
        "/pharmacie/historique/",
    ],
)
def test_a_page_carries_nobody_s_data(address: str) -> None:
    """The same page for everybody: it will be kept by a service worker."""
    canary = world.person(last_name="Canari")
    practice = world.pharmacy() if address.startswith("/pharmacie") else world.practice()
    content = signed_in(practice).get(address).content.decode()
    assert "Canari" not in content
    assert canary.cin not in content
    assert str(canary.pk) not in content
