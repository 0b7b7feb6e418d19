"""What helps to write a prescription: equivalents, protocols on keys, preparations, renewal."""

import pytest

from accounts.models import Role
from prescriptions.models import Preparation
from providers.models import Membership
from tests import world
from tests.api.conftest import Api, assert_problem, codes, signed_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(box):
    return world.prescribed_line(box)


@pytest.fixture
def delegate(doctor):
    person = world.user(Role.DELEGATE)
    Membership.objects.create(
        user=person,
        provider=doctor.provider,
        standing=Membership.Standing.DELEGATE,
        period=world.ALWAYS,
    )
    return Api(user=person)


def test_equivalents_come_cheapest_first_and_of_the_same_size(as_doctor) -> None:
    group = {"inn": "AMOXICILLINE", "presentation": "1 BOITE 12 GELULE"}
    chosen = world.medicine(public=6000, **group)
    dear = world.medicine(public=5500, **group)
    cheap = world.medicine(public=3000, **group)
    world.medicine(public=None, **group)
    world.medicine(public=100, inn="AMOXICILLINE", presentation="1 BOITE 24 GELULE")
    world.medicine(public=100, inn="AMOXICILLINE", strength="1000")

    found = as_doctor.get(f"medicines/{chosen.ean}/equivalents").json()["results"]

    assert [each["ean"] for each in found] == [cheap.ean, dear.ean]
    assert as_doctor.get("medicines/0000000000000/equivalents").json() == {"results": []}


def test_a_protocol_is_shared_by_the_practice(as_doctor, delegate, box, line) -> None:
    body = {"key": 2, "name": "Angine", "lines": [line]}

    kept = as_doctor.post("protocols", body)
    read = delegate.get("protocols").json()["results"]

    assert kept.status_code == 200
    assert read == [kept.json()]
    assert (read[0]["key"], read[0]["lines"]) == (2, [line])
    assert [each["ean"] for each in read[0]["medicines"]] == [box.ean]
    assert as_doctor.delete("protocols/2").status_code == 204
    assert delegate.get("protocols").json() == {"results": []}


def test_a_protocol_goes_on_a_key_from_1_to_9(as_doctor, line, nothing_changes) -> None:
    with nothing_changes():
        response = as_doctor.post("protocols", {"key": 10, "name": "x", "lines": [line]})

    assert codes(response) == [("/key", "TOO_LARGE")]


def test_a_delegate_prepares_and_the_prescriber_signs(
    as_doctor, delegate, doctor, patient, line
) -> None:
    prepared = delegate.post("preparations", {"patient": str(patient.pk), "lines": [line]})
    (waiting,) = as_doctor.get("preparations").json()["results"]
    document = world.second_document(doctor, patient, waiting["lines"])

    refused = delegate.post("prescriptions", signed_by(doctor, document))
    signed = as_doctor.post(
        "prescriptions", {**signed_by(doctor, document), "preparation": waiting["id"]}
    )

    assert prepared.status_code == 201
    assert waiting["patient"]["id"] == str(patient.pk)
    assert refused.status_code == 403
    assert signed.status_code == 201
    assert Preparation.objects.get().prescription.fse_number == document["fse_number"]
    assert delegate.get("preparations").json() == {"results": []}


def test_a_preparation_is_dropped_once_and_for_all(delegate, patient, line) -> None:
    made = delegate.post("preparations", {"patient": str(patient.pk), "lines": [line]}).json()

    assert [delegate.delete(f"preparations/{made['id']}").status_code for _ in "12"] == [204, 204]
    assert delegate.get("preparations").json() == {"results": []}


def test_a_preparation_is_for_somebody_we_know(delegate, line, nothing_changes) -> None:
    nobody = "01935b6e-7c1a-7e6f-9a5b-3f1f0a4f6c21"

    with nothing_changes():
        response = delegate.post("preparations", {"patient": nobody, "lines": [line]})

    assert_problem(response, 422, "PATIENT_UNKNOWN")


def test_the_last_prescription_comes_back_in_the_lines_of_today(
    as_doctor, doctor, patient, box, line
) -> None:
    first = world.prescribe(doctor, world.prescription_document(doctor, patient, [box]))

    old = as_doctor.get(f"renewals/{patient.pk}").json()
    halves = {**line, "dose": {"morning": "0.5", "noon": "0", "evening": "0", "bedtime": "1"}}
    world.prescribe(doctor, world.second_document(doctor, patient, [halves]))
    new = as_doctor.get(f"renewals/{patient.pk}").json()

    assert (old["fse_number"], old["lines"]) == (first.fse_number, [line])
    assert new["lines"] == [halves]
    assert [each["ean"] for each in new["medicines"]] == [box.ean]


def test_another_practice_renews_only_its_own(patient, prescription) -> None:
    stranger = Api(user=world.practice().user)

    assert_problem(stranger.get(f"renewals/{patient.pk}"), 404, "NOTHING_TO_RENEW")
