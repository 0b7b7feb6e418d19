"""Two real connections at the same moment: one work, one winner, and the other is told."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from claims.models import Claim
from insured.models import CareProfile
from prescriptions.models import Dispensing, PrescribedItem, SafetyAlert
from tests import world
from tests.api.conftest import Api, assert_problem, signed_by

pytestmark = pytest.mark.django_db(transaction=True)


def at_the_same_moment(*calls):
    """Run the calls in threads of their own, each on its own connection, released together."""
    barrier = Barrier(len(calls))

    def run(call):
        try:
            barrier.wait(timeout=10)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_a_double_click_is_one_claim_and_one_answer(doctor, patient):
    body = signed_by(doctor, world.care_document(doctor, patient))
    callers = [Api(user=doctor.user) for _each in range(2)]

    answers = at_the_same_moment(
        *(lambda api=api: api.post("claims", body, key="double-clic") for api in callers)
    )

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert sorted("Idempotent-Replayed" in answer for answer in answers) == [False, True]
    assert Claim.objects.count() == 1


def test_one_document_under_two_keys_is_one_claim(doctor, patient):
    body = signed_by(doctor, world.care_document(doctor, patient))
    callers = [Api(user=doctor.user) for _each in range(2)]

    answers = at_the_same_moment(*(lambda api=api: api.post("claims", body) for api in callers))

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert Claim.objects.count() == 1


def test_two_pharmacists_dispense_the_same_prescription(prescription, box, shop):
    shops = [shop, world.pharmacy()]
    bodies = [
        signed_by(each, world.dispensing_document(each, prescription, [(1, box, 2, "150.00")]))
        for each in shops
    ]
    callers = [Api(user=each.user) for each in shops]

    answers = at_the_same_moment(
        *(
            lambda api=api, body=body: api.post("dispensings", body)
            for api, body in zip(callers, bodies, strict=True)
        )
    )

    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert won.status_code == 201
    winner = shops[answers.index(won)]
    problem = assert_problem(lost, 409, "PRESCRIPTION_ALREADY_DISPENSED")
    assert winner.provider.name in problem["message"]["fr"]
    assert Dispensing.objects.get().pharmacy == winner.provider
    assert Claim.objects.count() == 1
    assert PrescribedItem.objects.get().boxes_dispensed == 2


@pytest.mark.parametrize("attempt", range(4))  # a race is lost now and then only
def test_two_pharmacies_open_the_same_prescription(prescription, shop, attempt):
    shops = [shop, world.pharmacy()]
    callers = [Api(user=each.user) for each in shops]
    address = f"prescriptions/{prescription.fse_number}/custody"

    answers = at_the_same_moment(*(lambda api=api: api.post(address, {}) for api in callers))

    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert won.status_code == 200
    holder = shops[answers.index(won)].provider
    problem = assert_problem(lost, 409, "PRESCRIPTION_HELD")
    assert won.json()["held_by"]["inpe"] == holder.inpe
    assert holder.name in problem["detail"]


def test_the_first_answers_of_a_patient_written_by_two(doctor, patient):
    callers = [Api(user=user) for user in (doctor.user, world.practice().user)]
    answers = {"pregnant": None, "breast_feeding": None, "holds_until": None}
    bodies = [
        {**answers, "allergies": [{"inn": inn, "atc": ""}], "shares_history": True}
        for inn in ("amoxicilline", "ibuprofene")
    ]

    def put(index):
        key = {"HTTP_IDEMPOTENCY_KEY": f"premieres-{index}"}
        address = f"/api/v1/patients/{patient.pk}/care-profile"
        return callers[index].client.put(address, bodies[index], format="json", **key)

    found = at_the_same_moment(lambda: put(0), lambda: put(1))

    assert [answer.status_code for answer in found] == [200, 200]
    kept = CareProfile.objects.get(person=patient).allergies
    assert kept in [body["allergies"] for body in bodies]


def test_one_check_of_safety_asked_twice_is_shown_once(doctor, patient):
    eans = [world.medicine(inn=inn).ean for inn in ("SIMVASTATINE", "CLARITHROMYCINE")]
    body = {
        "patient": str(patient.pk),
        "moment": "PRESCRIBING",
        "fse_number": None,
        "lines": [
            {"position": position, "ean": ean, "inn": None, "dose": None, "days": 30}
            for position, ean in enumerate(eans, start=1)
        ],
    }
    callers = [Api(user=doctor.user) for _each in range(2)]

    found = at_the_same_moment(*(lambda api=api: api.post("safety", body) for api in callers))

    assert [answer.status_code for answer in found] == [200, 200]
    assert SafetyAlert.objects.filter(patient=patient, kind="INTERACTION").count() == 1
