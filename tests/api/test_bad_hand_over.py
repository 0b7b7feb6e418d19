"""What goes wrong at a hand-over and at a device: each an exact answer in both languages, nothing changed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from prescriptions.models import DispensedPack, MedicinePrice
from tests import world
from tests.api.conftest import Api, assert_problem, codes, signed_by

pytestmark = pytest.mark.django_db

YESTERDAY, TOMORROW = (world.TODAY + timedelta(days=n) for n in (-1, 1))
PACK = {"batch": "A4501", "expires_on": "2028-06-30", "serial": "S0001"}


def handed(shop: Any, prescription: Any, box: Any, **fields: Any) -> dict[str, Any]:
    lines = [(1, box, 2, "150.00")]
    return signed_by(shop, world.dispensing_document(shop, prescription, lines, **fields))


def with_packs(shop: Any, prescription: Any, box: Any, *packs: dict[str, Any]) -> dict[str, Any]:
    line = world.dispensed_line(1, box, 2, packs=list(packs))
    return signed_by(shop, world.second_dispensing(shop, prescription, [line]))


def words(response: Any) -> dict[str, str]:
    return dict(response.json()["errors"][0]["message"])


def test_the_boxes_of_a_patient_are_not_given_to_another(
    as_pharmacist, shop, prescription, box, nothing_changes
):
    body = handed(shop, prescription, box, patient=str(world.person().pk))
    with nothing_changes():
        response = as_pharmacist.post("dispensings", body)

    assert codes(response) == [("/document/patient", "WRONG_PATIENT")]
    assert words(response)["fr"] == "Ce document nomme un autre bénéficiaire que l’ordonnance."


def test_a_medicine_withdrawn_since_is_not_handed_over(
    as_pharmacist, shop, prescription, box, nothing_changes
):
    MedicinePrice.objects.filter(medicine=box).update(
        period=DateRange(world.TODAY - timedelta(days=900), world.TODAY)
    )
    with nothing_changes():
        response = as_pharmacist.post("dispensings", handed(shop, prescription, box))

    assert codes(response) == [("/document/lines/0/ean", "MEDICINE_WITHOUT_PRICE")]
    assert box.label in words(response)["fr"]


@pytest.mark.parametrize(
    ("day", "code"), [(TOMORROW, "DATE_IN_THE_FUTURE"), (YESTERDAY, "DISPENSED_BEFORE_WRITTEN")]
)
def test_a_counter_whose_clock_is_a_day_wrong(
    as_pharmacist, shop, prescription, box, day, code, nothing_changes
):
    body = handed(shop, prescription, box, dispensed_on=day.isoformat())
    with nothing_changes():
        response = as_pharmacist.post("dispensings", body)

    assert codes(response) == [("/document/dispensed_on", code)]


def test_a_prescriber_whose_clock_is_a_day_ahead(as_doctor, doctor, patient, box, nothing_changes):
    document = world.prescription_document(doctor, patient, [box], written_on=TOMORROW.isoformat())
    with nothing_changes():
        response = as_doctor.post("prescriptions", signed_by(doctor, document))

    assert codes(response) == [("/document/written_on", "DATE_IN_THE_FUTURE")]
    assert words(response)["fr"] == "Cette date est dans le futur."


def test_a_prescriber_whose_clock_is_a_day_late_loses_that_day_of_validity(
    as_doctor, doctor, patient, box
):
    """Nothing tells it from one written yesterday: it is received, valid from the day it bears."""
    document = world.prescription_document(doctor, patient, [box], written_on=YESTERDAY.isoformat())
    receipt = as_doctor.post("prescriptions", signed_by(doctor, document))

    assert receipt.status_code == 201
    assert receipt.json()["valid_until"] == (YESTERDAY + timedelta(days=90)).isoformat()


def test_one_box_is_paid_once(
    as_pharmacist, shop, doctor, patient, prescription, box, nothing_changes
):
    twice = with_packs(shop, prescription, box, PACK, PACK)
    with nothing_changes():
        in_one = as_pharmacist.post("dispensings", twice)
    first = as_pharmacist.post("dispensings", with_packs(shop, prescription, box, PACK))
    second = world.prescribe(doctor, world.prescription_document(doctor, patient, [box]))
    other = world.pharmacy()
    with nothing_changes():
        again = Api(user=other.user).post("dispensings", with_packs(other, second, box, PACK))

    assert codes(in_one) == [("/document/lines/0/packs/1/serial", "PACK_ALREADY_PAID")]
    assert first.status_code == 201
    assert codes(again) == [("/document/lines/0/packs/0/serial", "PACK_ALREADY_PAID")]
    assert "S0001" in words(again)["fr"]
    assert box.label in words(again)["ar"]


@pytest.mark.django_db(transaction=True)
def test_one_box_at_two_counters_at_the_same_moment(doctor, patient, box):
    shops = [world.pharmacy(), world.pharmacy()]
    sheets = [
        world.prescribe(doctor, world.prescription_document(doctor, who, [box]))
        for who in (patient, world.person())
    ]
    bodies = [with_packs(shop, sheet, box, PACK) for shop, sheet in zip(shops, sheets, strict=True)]
    together = Barrier(2)

    def scan(index: int) -> Any:
        try:
            together.wait(timeout=10)
            return Api(user=shops[index].user).post("dispensings", bodies[index])
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        answers = sorted(both.map(scan, range(2)), key=lambda each: each.status_code)

    assert [each.status_code for each in answers] == [201, 422]
    assert codes(answers[1]) == [("/document/lines/0/packs/0/serial", "PACK_ALREADY_PAID")]
    assert DispensedPack.objects.filter(serial="S0001").count() == 1


def test_four_hundred_lines_are_refused_with_the_limit_said(
    as_doctor, doctor, patient, box, settings, nothing_changes
):
    lines = [world.prescribed_line(box, position=n) for n in range(1, 401)]
    body = signed_by(doctor, world.second_document(doctor, patient, lines))
    with nothing_changes():
        response = as_doctor.post("prescriptions", body)

    problem = assert_problem(response, 422, "INVALID_ENTRY")
    assert codes(response) == [("/document/lines", "TOO_MANY_LINES")]
    for message in problem["errors"][0]["message"].values():
        assert str(settings.MAX_LINES_A_DOCUMENT) in message


@pytest.mark.parametrize("control", ["\x00", "\x07", "\x1b[2J", "\u202e"])
def test_control_characters_in_free_text(as_doctor, doctor, patient, box, control, nothing_changes):
    line = world.prescribed_line(box, wording=f"1 cp{control} le soir")
    body = signed_by(doctor, world.second_document(doctor, patient, [line]))
    with nothing_changes():
        response = as_doctor.post("prescriptions", body)

    assert codes(response) == [("/document/lines/0/wording", "CONTROL_CHARACTER")]
