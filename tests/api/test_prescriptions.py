"""From prescription to dispensing over the API: who holds, what is left, what is refused and why."""

import pytest

from core.models import AuditEvent
from prescriptions.models import PrescribedItem, Prescription
from tests import world
from tests.api.conftest import Api, assert_problem, codes, signed_by, token_of

pytestmark = pytest.mark.django_db


def dispensing(shop, prescription, lines, **fields):
    return signed_by(shop, world.dispensing_document(shop, prescription, lines, **fields))


def test_write_then_read_by_number(as_doctor, as_pharmacist, doctor, shop, patient, box):
    body = signed_by(doctor, world.prescription_document(doctor, patient, [box]))

    receipt = as_doctor.post("prescriptions", body)
    number = receipt.json()["fse_number"]
    read = as_pharmacist.get(f"prescriptions/{number[:5]}-{number[5:].lower()}").json()

    assert receipt.status_code == 201
    assert receipt.json()["state"]["code"] == "ACTIVE"
    assert read["document"] == body["document"]
    assert read["signature"] == body["signature"]
    assert read["held_by"] is None
    (item,) = read["items"]
    assert (item["boxes"], item["boxes_dispensed"], item["boxes_left"]) == (2, 0, 2)
    assert item["dose"] == {"morning": "1", "noon": "0", "evening": "1", "bedtime": "0"}
    assert item["medicine"]["price"] == {
        "public": "75.00",
        "base": "60.00",
        "rate": "0.70",
        "day": world.TODAY.isoformat(),
    }
    reading = AuditEvent.objects.get(action="prescriptions.prescription.read")
    assert (reading.actor, reading.after) == (
        f"user:{shop.user.pk}",
        {"provider": shop.provider.inpe},
    )


def test_a_number_nobody_wrote(as_pharmacist, doctor, nothing_changes):
    with nothing_changes():
        response = as_pharmacist.get(f"prescriptions/{doctor.mint()}")

    assert_problem(response, 404, "PRESCRIPTION_NOT_FOUND")


def test_the_second_pharmacy_is_told_who_holds_it(as_pharmacist, shop, prescription):
    second = Api(user=world.pharmacy().user)
    address = f"prescriptions/{prescription.fse_number}/custody"

    held = as_pharmacist.post(address, {"provider": shop.provider.inpe})
    refused = second.post(address, {})
    seen = second.get(f"prescriptions/{prescription.fse_number}").json()

    assert held.json()["held_by"]["inpe"] == shop.provider.inpe
    problem = assert_problem(refused, 409, "PRESCRIPTION_HELD")
    assert shop.provider.name in problem["message"]["fr"]
    assert shop.provider.name in problem["message"]["ar"]
    assert seen["held_by"] == held.json()["held_by"]


def test_given_back_it_is_free_again(as_pharmacist, prescription):
    second = Api(user=world.pharmacy().user)
    address = f"prescriptions/{prescription.fse_number}/custody"
    as_pharmacist.post(address, {})

    not_mine = second.delete(address)
    still_held = second.post(address, {})
    given_back = as_pharmacist.delete(address)
    taken = second.post(address, {})

    assert (not_mine.status_code, given_back.status_code, taken.status_code) == (204, 204, 200)
    assert_problem(still_held, 409, "PRESCRIPTION_HELD")


def test_dispense_in_two_times(as_pharmacist, shop, prescription, box):
    first = as_pharmacist.post(
        "dispensings", dispensing(shop, prescription, [(1, box, 1, "75.00")])
    )
    left = as_pharmacist.get(f"prescriptions/{prescription.fse_number}").json()
    rest = as_pharmacist.post("dispensings", dispensing(shop, prescription, [(1, box, 1, "74.00")]))

    answer = first.json()
    assert first.status_code == 201
    assert answer["kind"] == "DISPENSING"
    assert answer["third_party_payment"] is True
    assert (answer["reimbursed"], answer["insured_share"]) == ("42.00", "33.00")
    assert answer["decision"]["lines"][0]["reasons"][0]["code"] == "GENERIC_BASE"
    assert left["state"]["code"] == "PARTLY_DISPENSED"
    assert left["items"][0]["boxes_left"] == 1
    assert rest.status_code == 201
    assert rest.json()["id"] != answer["id"]
    assert Prescription.objects.get().state == "COMPLETED"


def test_what_was_not_prescribed_is_refused_with_the_reason(
    as_pharmacist, shop, prescription, nothing_changes
):
    other = world.medicine(name="AUTRE CHOSE")

    with nothing_changes():
        response = as_pharmacist.post(
            "dispensings", dispensing(shop, prescription, [(1, other, 1, "10.00")])
        )

    assert_problem(response, 422, "ENTRIES_REFUSED")
    assert codes(response) == [("/document/lines/0/ean", "NOT_PRESCRIBED")]
    assert "AUTRE CHOSE" in response.json()["errors"][0]["message"]["ar"]


def test_more_boxes_than_are_left(as_pharmacist, shop, prescription, box, nothing_changes):
    with nothing_changes():
        response = as_pharmacist.post(
            "dispensings", dispensing(shop, prescription, [(1, box, 3, "225.00")])
        )

    assert codes(response) == [("/document/lines/0/boxes", "TOO_MANY_BOXES")]
    assert PrescribedItem.objects.get().boxes_dispensed == 0


def test_after_the_last_box_everyone_is_told_by_whom(as_pharmacist, shop, prescription, box):
    as_pharmacist.post("dispensings", dispensing(shop, prescription, [(1, box, 2, "150.00")]))
    late = world.pharmacy()

    response = Api(user=late.user).post(
        "dispensings", dispensing(late, prescription, [(1, box, 1, "75.00")])
    )

    problem = assert_problem(response, 409, "PRESCRIPTION_ALREADY_DISPENSED")
    assert shop.provider.name in problem["detail"]


def test_cancelled_by_its_practice_it_is_dispensed_no_more(
    as_doctor, as_pharmacist, shop, prescription, box
):
    address = f"prescriptions/{prescription.fse_number}/cancellation"

    cancelled = as_doctor.post(address, {"reason": "erreur de patient"})
    response = as_pharmacist.post(
        "dispensings", dispensing(shop, prescription, [(1, box, 1, "75.00")])
    )

    assert cancelled.json()["state"]["code"] == "CANCELLED"
    assert_problem(response, 409, "PRESCRIPTION_CANCELLED")


def test_another_practice_or_another_software_cancels_nothing(
    doctor, prescription, nothing_changes
):
    stranger, second = world.practice(), world.practice()
    from providers.models import Membership

    Membership.objects.create(
        user=doctor.user,
        provider=second.provider,
        standing=Membership.Standing.SIGNATORY,
        period=world.ALWAYS,
    )
    elsewhere = Api(
        token=token_of(world.Practice(second.provider, doctor.user, doctor.device, doctor.key))
    )
    address = f"prescriptions/{prescription.fse_number}/cancellation"

    with nothing_changes():
        responses = [
            Api(user=stranger.user).post(address, {"reason": "x"}),
            elsewhere.post(address, {"reason": "x"}),
        ]

    for response in responses:
        assert_problem(response, 403, "NOT_THE_AUTHOR")


def test_a_cancellation_needs_a_reason(as_doctor, prescription, nothing_changes):
    with nothing_changes():
        response = as_doctor.post(
            f"prescriptions/{prescription.fse_number}/cancellation", {"reason": "  "}
        )

    assert codes(response) == [("/reason", "BLANK")]
