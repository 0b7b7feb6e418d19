"""Writing, holding, dispensing, cancelling: exact answers, and nothing written on a refusal."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from core.errors import DomainError, EntriesRefused
from core.models import AuditEvent, Transition
from prescriptions import services
from prescriptions.models import PrescribedItem, Prescription
from providers.permissions import NotAMember, OnlySignatorySigns
from providers.services import (
    DeviceUnknown,
    NumberOfAnotherDevice,
    SignatureInvalid,
    check_signed,
    revoke_device,
)
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor():
    return world.practice()


@pytest.fixture
def shop():
    return world.pharmacy()


@pytest.fixture
def patient():
    return world.person()


def written(doctor, patient, medicines, **fields) -> Prescription:
    return world.prescribe(
        doctor, world.prescription_document(doctor, patient, medicines, **fields)
    )


def test_a_signed_prescription_is_saved_with_its_lines(doctor, patient) -> None:
    medicines = [world.medicine(), world.medicine()]
    document = world.prescription_document(doctor, patient, medicines)

    prescription = world.prescribe(doctor, document)

    assert prescription.state == "ACTIVE"
    assert prescription.document == document
    assert prescription.valid_until == date(2027, 2, 18)  # 90 days, to be confirmed
    assert [(item.position, item.medicine, item.boxes) for item in prescription.items.all()] == [
        (1, medicines[0], 2),
        (2, medicines[1], 2),
    ]
    event = AuditEvent.objects.get(action="prescriptions.prescription.written")
    assert event.actor == f"user:{doctor.user.pk}"
    assert event.insured_id == patient.insured_id


def test_the_same_document_again_is_the_same_prescription(doctor, patient) -> None:
    document = world.prescription_document(doctor, patient, [world.medicine()])
    first = world.prescribe(doctor, document)
    before = world.rows_everywhere()

    assert world.prescribe(doctor, document).pk == first.pk
    assert world.rows_everywhere() == before


def refused(error: type[DomainError], call) -> DomainError:
    """Run `call`, expect the refusal, and prove that no table changed."""
    before = world.rows_everywhere()
    with pytest.raises(error) as caught, transaction.atomic():
        call()
    assert world.rows_everywhere() == before
    return caught.value


def test_another_document_under_a_taken_number_is_refused(doctor, patient) -> None:
    first = written(doctor, patient, [world.medicine()])
    other = world.prescription_document(
        doctor, patient, [world.medicine()], fse_number=first.fse_number
    )

    refusal = refused(services.FseNumberTaken, lambda: world.prescribe(doctor, other))

    assert refusal.code == "FSE_NUMBER_TAKEN"


def test_a_number_minted_by_another_device_is_refused(doctor, patient) -> None:
    document = world.prescription_document(
        doctor, patient, [world.medicine()], fse_number=world.practice().mint()
    )

    refused(NumberOfAnotherDevice, lambda: world.prescribe(doctor, document))


def test_a_changed_document_does_not_carry_its_signature(doctor, patient) -> None:
    document = world.prescription_document(doctor, patient, [world.medicine()])
    signed = doctor.sign(document)
    signed.document["lines"][0]["boxes"] = 9

    refused(
        SignatureInvalid,
        lambda: check_signed(
            signed=signed,
            kid=doctor.device.kid,
            inpe=doctor.provider.inpe,
            fse_number=document["fse_number"],
            minted=True,
            by=doctor.user,
            at=world.NOW,
        ),
    )


def test_a_revoked_device_signs_no_more(doctor, patient) -> None:
    revoke_device(device=doctor.device, by=doctor.user, at=world.NOW)
    document = world.prescription_document(doctor, patient, [world.medicine()])

    refused(DeviceUnknown, lambda: world.prescribe(doctor, document))


def test_a_delegate_prepares_and_does_not_sign(doctor, patient) -> None:
    doctor.user.memberships.update(standing="DELEGATE")
    document = world.prescription_document(doctor, patient, [world.medicine()])

    refused(OnlySignatorySigns, lambda: world.prescribe(doctor, document))


def test_a_stranger_does_not_sign_for_a_practice(doctor, patient) -> None:
    doctor.user.memberships.all().delete()
    document = world.prescription_document(doctor, patient, [world.medicine()])

    refused(NotAMember, lambda: world.prescribe(doctor, document))


def test_a_pharmacy_does_not_prescribe(shop, patient) -> None:
    document = world.prescription_document(shop, patient, [world.medicine()])

    refused(services.NotAPrescriber, lambda: world.prescribe(shop, document))


def test_every_unknown_is_told_at_once(doctor) -> None:
    nobody = world.person()
    document = world.prescription_document(
        doctor, nobody, [world.medicine(), world.medicine()], written_on="2026-11-21"
    )
    document["patient"] = "00000000-0000-7000-8000-000000000000"
    document["lines"][1]["ean"] = "6118000999999"

    refusal = refused(EntriesRefused, lambda: world.prescribe(doctor, document))

    assert [(error.pointer, error.code) for error in refusal.errors] == [
        ("/document/patient", "PATIENT_UNKNOWN"),
        ("/document/written_on", "DAY_IN_THE_FUTURE"),
        ("/document/lines/1/ean", "MEDICINE_UNKNOWN"),
    ]


def test_two_lines_fully_one_partly_then_the_rest(doctor, shop, patient) -> None:
    medicines = [world.medicine() for _ in range(3)]
    prescription = written(doctor, patient, medicines)
    first = [
        (1, medicines[0], 2, "150.00"),
        (2, medicines[1], 2, "150.00"),
        (3, medicines[2], 1, "75.00"),
    ]

    world.dispense(shop, world.dispensing_document(shop, prescription, first))

    prescription.refresh_from_db()
    assert prescription.state == "PARTLY_DISPENSED"
    assert [item.boxes_left for item in prescription.items.all()] == [0, 0, 1]

    other = world.pharmacy()
    rest = [(3, medicines[2], 1, "75.00")]
    world.dispense(other, world.dispensing_document(other, prescription, rest))

    prescription.refresh_from_db()
    assert prescription.state == "COMPLETED"
    moves = Transition.objects.filter(subject_id=prescription.pk).order_by("at", "id")
    assert [(move.from_state, move.to_state) for move in moves] == [
        ("", "ACTIVE"),
        ("ACTIVE", "PARTLY_DISPENSED"),
        ("PARTLY_DISPENSED", "COMPLETED"),
    ]


def test_nothing_more_is_handed_over_once_all_is(doctor, shop, patient) -> None:
    medicine = world.medicine()
    prescription = written(doctor, patient, [medicine])
    all_of_it = [(1, medicine, 2, "150.00")]
    world.dispense(shop, world.dispensing_document(shop, prescription, all_of_it))
    other = world.pharmacy()
    again = world.dispensing_document(other, prescription, all_of_it)

    refusal = refused(services.AlreadyDispensed, lambda: world.dispense(other, again))

    assert refusal.text("fr") == (
        f"Tout a déjà été délivré par « {shop.provider.name} » le 20/11/2026. Rien n’a été modifié."
    )


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"boxes": 3}, "TOO_MANY_BOXES", "/document/lines/0/boxes"),
        ({"position": 7}, "NOT_PRESCRIBED", "/document/lines/0/position"),
        ({"ean": "6118000999999"}, "MEDICINE_UNKNOWN", "/document/lines/0/ean"),
    ],
)
def test_a_wrong_line_is_refused_with_its_reason(
    doctor, shop, patient, change, code, pointer
) -> None:
    medicine = world.medicine()
    prescription = written(doctor, patient, [medicine])
    document = world.dispensing_document(shop, prescription, [(1, medicine, 1, "75.00")])
    document["lines"][0].update(change)

    refusal = refused(EntriesRefused, lambda: world.dispense(shop, document))

    assert [(error.code, error.pointer) for error in refusal.errors] == [(code, pointer)]


def test_an_ean_that_was_not_prescribed_is_refused(doctor, shop, patient) -> None:
    medicine, other = world.medicine(), world.medicine()
    prescription = written(doctor, patient, [medicine])
    document = world.dispensing_document(shop, prescription, [(1, other, 1, "75.00")])

    refusal = refused(EntriesRefused, lambda: world.dispense(shop, document))

    assert [error.code for error in refusal.errors] == ["NOT_PRESCRIBED"]


@pytest.mark.parametrize(("allowed", "code"), [(True, None), (False, "SUBSTITUTION_NOT_ALLOWED")])
def test_a_generic_replaces_only_where_the_prescriber_agreed(
    doctor, shop, patient, allowed, code
) -> None:
    brand = world.medicine(inn="METFORMINE", strength="850")
    generic = world.medicine(inn="METFORMINE", strength="850", kind="G")
    document = world.prescription_document(doctor, patient, [brand])
    document["lines"][0]["substitution"] = allowed
    prescription = world.prescribe(doctor, document)
    handed = world.dispensing_document(shop, prescription, [(1, generic, 1, "60.00")])

    if code is None:
        assert world.dispense(shop, handed).lines.get().medicine == generic
    else:
        refusal = refused(EntriesRefused, lambda: world.dispense(shop, handed))
        assert [error.code for error in refusal.errors] == [code]


def test_the_last_day_of_a_prescription_and_the_day_after(doctor, shop, patient) -> None:
    medicine = world.medicine()
    prescription = written(doctor, patient, [medicine])
    last = prescription.valid_until - timedelta(days=1)
    late = world.NOW + timedelta(days=90)
    document = world.dispensing_document(
        shop,
        prescription,
        [(1, medicine, 1, "75.00")],
        dispensed_on=prescription.valid_until.isoformat(),
    )

    refusal = refused(EntriesRefused, lambda: world.dispense(shop, document, at=late))
    assert [error.code for error in refusal.errors] == ["PRESCRIPTION_EXPIRED"]

    document = world.dispensing_document(
        shop, prescription, [(1, medicine, 1, "75.00")], dispensed_on=last.isoformat()
    )
    assert world.dispense(shop, document, at=late).state == "ADJUDICATED"


def test_custody_is_a_lease_with_an_end(doctor, shop, patient) -> None:
    prescription = written(doctor, patient, [world.medicine()])
    other = world.pharmacy()
    number = prescription.fse_number
    services.take_custody(fse_number=number, pharmacy=shop.provider, by=shop.user, at=world.NOW)

    refusal = refused(
        services.HeldByAnother,
        lambda: services.take_custody(
            fse_number=number, pharmacy=other.provider, by=other.user, at=world.NOW
        ),
    )
    assert refusal.text("fr") == (
        f"Cette ordonnance est ouverte à « {shop.provider.name} » jusqu’à 20/11 11:15. "
        "Rien n’a été modifié."
    )

    later = world.NOW + timedelta(minutes=15)
    taken = services.take_custody(
        fse_number=number, pharmacy=other.provider, by=other.user, at=later
    )
    assert taken.custodian == other.provider
    services.release_custody(fse_number=number, pharmacy=other.provider, by=other.user, at=later)
    prescription.refresh_from_db()
    assert prescription.custodian is None


def test_a_prescription_is_cancelled_by_its_practice_only(doctor, patient) -> None:
    prescription = written(doctor, patient, [world.medicine()])
    stranger = world.practice()
    number = prescription.fse_number

    refused(
        services.NotTheAuthor,
        lambda: services.cancel_prescription(
            fse_number=number, reason="erreur", by=stranger.user, at=world.NOW
        ),
    )
    for _again in range(2):
        cancelled = services.cancel_prescription(
            fse_number=number, reason="erreur", by=doctor.user, at=world.NOW
        )
        assert (cancelled.outcome, cancelled.prescription.state) == ("CANCELLED", "CANCELLED")
    assert Transition.objects.filter(subject_id=prescription.pk, to_state="CANCELLED").count() == 1


def test_the_rest_of_what_was_partly_handed_over_is_cancelled(doctor, shop, patient) -> None:
    medicine = world.medicine()
    prescription = written(doctor, patient, [medicine, world.medicine()])
    world.dispense(shop, world.dispensing_document(shop, prescription, [(1, medicine, 1, "75.00")]))

    for _again in range(2):
        answer = services.cancel_prescription(
            fse_number=prescription.fse_number, reason="erreur", by=doctor.user, at=world.NOW
        )
        assert answer.outcome == "REST_CANCELLED"
        assert [(item.position, item.boxes_dispensed) for item in answer.given] == [(1, 1)]

    prescription.refresh_from_db()
    assert prescription.state == "COMPLETED"
    assert [item.state for item in prescription.items.all()] == ["DISPENSED", "CANCELLED"]


def test_the_database_refuses_a_box_too_many(doctor, patient) -> None:
    prescription = written(doctor, patient, [world.medicine()])

    with (
        pytest.raises(IntegrityError, match="never_more_boxes_than_prescribed"),
        transaction.atomic(),
    ):
        PrescribedItem.objects.filter(prescription=prescription).update(boxes_dispensed=3)


@pytest.mark.django_db(transaction=True)
def test_two_pharmacies_at_the_same_moment_hand_over_once() -> None:
    doctor, patient, medicine = world.practice(), world.person(), world.medicine()
    shops = [world.pharmacy(), world.pharmacy()]
    prescription = written(doctor, patient, [medicine])
    documents = [
        world.dispensing_document(shop, prescription, [(1, medicine, 2, "150.00")])
        for shop in shops
    ]
    together = Barrier(2)

    def hand_over(index: int) -> str:
        together.wait()
        try:
            world.dispense(shops[index], documents[index])
        except DomainError as refusal:
            return refusal.text("fr")
        finally:
            connection.close()
        return "handed over"

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(hand_over, range(2)))

    assert sorted(answers)[1] == "handed over"
    winner = shops[answers.index("handed over")].provider.name
    assert f"délivré par « {winner} »" in min(answers)
    assert prescription.dispensings.count() == 1
    assert prescription.items.get().boxes_dispensed == 2
