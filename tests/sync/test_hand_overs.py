"""Prescriptions and hand-overs with no network: from the code, twice, late, cancelled, in an outage."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Role
from claims.models import Claim
from core import outbox
from fraud import services as fraud
from fraud.models import Case, Signal
from insured.models import Person
from prescriptions.models import DispensedItem, Dispensing, Prescription
from prescriptions.rules import code as codes
from prescriptions.rules.code import PrintedPatient
from prescriptions.services import cancel_prescription, take_custody
from providers import services as providers
from sync import services
from sync.models import Incident
from tests import world
from tests.sync.device import OfflineDevice, stands, states

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_still_clock")]

Json = dict[str, Any]


def code_of(doctor: OfflineDevice, document: Json, patient: Person) -> str:
    printed = PrintedPatient(patient.full_name, patient.birth_date)
    practice = doctor.practice
    payload = codes.payload(document, printed)
    return codes.sign(payload, device=practice.device.kid, key=practice.key)


def written(doctor: OfflineDevice, patient: Person, *boxes: Any, **fields: Any) -> tuple[Json, str]:
    lines = [world.prescribed_line(each) for each in boxes]
    document = world.second_document(doctor.practice, patient, lines, **fields)
    return document, code_of(doctor, document, patient)


def dispensed(
    shop: OfflineDevice, document: Json, code: str | None, lines: list[Json], **fields: Any
) -> Json:
    """Keep a hand-over on a prescription's document."""
    handed = {
        "type": "waraqa/dispensing",
        "version": 2,
        "fse_number": document["fse_number"],
        "instance": 1,
        "replaces": None,
        "device": shop.practice.device.kid,
        "provider": shop.practice.provider.inpe,
        "patient": document["patient"],
        "dispensed_on": world.TODAY.isoformat(),
        "third_party_payment": True,
        "lines": lines,
        **fields,
    }
    return shop.keep("dispensing", shop.body(handed), inside={"code": code})


def all_of(*boxes: Any) -> list[Json]:
    return [world.dispensed_line(n, each, 2) for n, each in enumerate(boxes, start=1)]


def test_a_prescription_then_its_hand_over_both_offline(doctor, shop, patient) -> None:
    box = world.medicine()
    document, code = written(doctor, patient, box)
    prescribed = doctor.keep("prescription", doctor.body(document, code=code))
    handed = dispensed(shop, document, code, all_of(box))

    doctor.send(prescribed)
    shop.send(handed)

    assert states(prescribed, handed) == [("APPLIED", "APPLIED")] * 2
    prescription = Prescription.objects.get()
    assert (prescription.state, prescription.provenance) == ("COMPLETED", "OFFLINE")
    dispensing = Dispensing.objects.get()
    assert dispensing.handed_over_at == world.NOW + timedelta(hours=2)
    assert stands(handed).claim_id == Claim.objects.get().pk


def test_a_hand_over_before_its_prescription_makes_it_from_the_code(doctor, shop, patient) -> None:
    box = world.medicine()
    document, code = written(doctor, patient, box)
    handed = dispensed(shop, document, code, all_of(box))

    shop.send(handed)

    assert states(handed) == [("APPLIED", "APPLIED")]
    copy = Prescription.objects.get()
    assert (copy.provenance, copy.document_hash, copy.state) == ("CODE", "", "COMPLETED")

    prescribed = doctor.keep("prescription", doctor.body(document, code=code))
    doctor.send(prescribed)

    assert states(prescribed) == [("APPLIED", "APPLIED")]
    copy.refresh_from_db()
    assert (copy.provenance, copy.document) == ("OFFLINE", document)
    assert copy.document_hash
    assert Prescription.objects.count() == 1


def test_a_document_that_differs_from_its_code_is_held_and_told(doctor, shop, patient) -> None:
    box, second = world.medicine(), world.medicine()
    document, code = written(doctor, patient, box, second)
    shop.send(dispensed(shop, document, code, all_of(box)))
    changed = {**document, "lines": document["lines"][:1]}
    prescribed = doctor.keep("prescription", doctor.body(changed))

    doctor.send(prescribed)

    assert states(prescribed) == [("CONFLICT", "OFF_CODE_DIFFERS")]
    copy = Prescription.objects.get()
    assert (copy.state, copy.provenance) == ("ON_HOLD", "CODE")
    assert Incident.objects.get().kind == "CODE_DIFFERS"


def test_a_code_of_a_key_stopped_before_is_weighed_by_a_person(doctor, shop, patient) -> None:
    box = world.medicine()
    document, code = written(doctor, patient, box)
    handed = dispensed(shop, document, code, all_of(box))
    officer = world.user(Role.FRAUD_OFFICER)
    device = doctor.practice.device
    providers.revoke_device(device=device, by=officer, at=world.NOW, reason="volé")

    shop.send(handed)

    assert states(handed) == [("CONFLICT", "OFF_NOT_DISPENSABLE")]
    assert Prescription.objects.count() == 0


def test_without_a_code_it_waits_for_its_prescription(doctor, shop, patient, agent) -> None:
    box = world.medicine()
    document, code = written(doctor, patient, box)
    handed = dispensed(shop, document, None, all_of(box))
    shop.send(handed)
    assert states(handed) == [("HELD", "OFF_PRESCRIPTION_AWAITED")]
    assert services.settle_awaiting(at=shop.now) == 0

    doctor.send(doctor.keep("prescription", doctor.body(document, code=code)))
    assert services.settle_awaiting(at=shop.now + timedelta(minutes=1)) == 1

    # It came, and it has a secret that nobody showed: a person answers for this hand-over.
    assert states(handed) == [("CONFLICT", "OFF_NOT_DISPENSABLE")]
    services.release_envelope(
        envelope=stands(handed), reason="papier vu", by=agent, at=shop.now + timedelta(hours=1)
    )
    assert states(handed)[0][0] == "APPLIED"


def test_what_waits_too_long_is_given_to_a_person(doctor, shop, patient) -> None:
    box = world.medicine()
    document, _code = written(doctor, patient, box)
    handed = dispensed(shop, document, None, all_of(box))
    shop.send(handed)

    services.settle_awaiting(at=shop.now + timedelta(days=8))

    assert states(handed) == [("CONFLICT", "OFF_PRESCRIPTION_AWAITED")]


def beyond(shop: OfflineDevice) -> list[int]:
    handed = DispensedItem.objects.filter(dispensing__pharmacy=shop.practice.provider)
    return list(handed.order_by("item__position").values_list("boxes_beyond", flat=True))


@pytest.mark.parametrize("first_to_arrive", ["earlier", "later"])
def test_given_twice_the_earliest_gets_the_boxes_and_both_are_paid(
    doctor, shop, other_shop, patient, first_to_arrive
) -> None:
    box = world.medicine()
    document, code = written(doctor, patient, box)
    early = dispensed(shop, document, code, all_of(box))
    late = dispensed(other_shop, document, code, all_of(box))
    arriving = [(shop, early), (other_shop, late)]
    for device, envelope in arriving if first_to_arrive == "earlier" else reversed(arriving):
        device.send(envelope, at=world.NOW + timedelta(hours=4))

    assert {state for state, _code in states(early, late)} == {"APPLIED"}
    assert (beyond(shop), beyond(other_shop)) == ([0], [2])
    item = Prescription.objects.get().items.get()
    assert (item.boxes_dispensed, item.state) == (2, "DISPENSED")
    claims = Claim.objects.order_by("received_at")
    assert [claim.reimbursed_centimes for claim in claims] == [8400, 8400]
    assert Incident.objects.get().kind == "DOUBLE_HANDOVER"

    outbox.deliver(outbox.take(at=world.NOW, limit=100), at=world.NOW)

    signal = Signal.objects.get(detector="HANDED_OVER_TWICE")
    assert signal.claim.provider == other_shop.practice.provider
    assert signal.evidence["rows"][0]["beyond"] == 2
    for opened in (1, 0):
        assert fraud.open_cases(rules={}, at=world.NOW) == opened
    case = Case.objects.get()
    assert (case.kind, case.subject) == ("MEMBER", str(patient.pk))
    assert case.parties.get().member == patient


def test_given_twice_above_what_good_faith_pays_a_person_decides(
    doctor, shop, other_shop, patient, agent
) -> None:
    box = world.medicine(public=150_000, base=150_000)
    document, code = written(doctor, patient, box)
    dear = [world.dispensed_line(1, box, 2, charged="2500.00")]
    shop.send(dispensed(shop, document, code, dear))
    second = dispensed(other_shop, document, code, dear)

    other_shop.send(second)

    assert states(second) == [("CONFLICT", "OFF_DOUBLE_HANDOVER")]
    assert Claim.objects.count() == 1
    services.release_envelope(
        envelope=stands(second), reason="les deux sacs vus", by=agent, at=other_shop.now
    )
    assert states(second) == [("APPLIED", "OFF_PAID_IN_GOOD_FAITH")]
    assert Claim.objects.count() == 2


def test_the_same_pharmacy_twice_is_no_good_faith(doctor, shop, patient) -> None:
    box = world.medicine()
    document, code = written(doctor, patient, box)
    shop.send(dispensed(shop, document, code, all_of(box)))
    again = dispensed(shop.wait(minutes=5), document, code, [world.dispensed_line(1, box, 1)])

    shop.send(again)

    assert states(again) == [("CONFLICT", "OFF_SAME_PHARMACY_TWICE")]


def test_the_same_hand_over_by_another_document_counts_once(doctor, shop, patient) -> None:
    box = world.medicine()
    document, code = written(doctor, patient, box)
    shop.send(dispensed(shop, document, code, all_of(box)))
    again = dispensed(shop.wait(minutes=5), document, code, all_of(box), third_party_payment=False)
    shop.send(again)

    assert states(again) == [("APPLIED", "OFF_DUPLICATE")]
    assert Claim.objects.count() == 1


def prescribed_online(doctor: OfflineDevice, document: Json) -> Prescription:
    return world.prescribe(doctor.practice, document)


def test_a_cancellation_the_counter_could_not_know_does_not_undo_the_hand_over(
    doctor, shop, patient
) -> None:
    box = world.medicine()
    document, code = written(doctor, patient, box)
    prescribed_online(doctor, document)
    handed = dispensed(shop, document, code, all_of(box))
    cancel_prescription(
        fse_number=document["fse_number"],
        reason="erreur",
        by=doctor.practice.user,
        at=world.NOW + timedelta(minutes=30),
    )

    shop.send(handed)

    assert states(handed) == [("APPLIED", "APPLIED")]
    assert Prescription.objects.get().state == "COMPLETED"


def test_a_cancellation_known_before_is_weighed_by_a_person(doctor, shop, patient) -> None:
    box = world.medicine()
    document, code = written(doctor, patient, box)
    prescribed_online(doctor, document)
    cancel_prescription(
        fse_number=document["fse_number"], reason="erreur", by=doctor.practice.user, at=world.NOW
    )
    handed = dispensed(shop, document, code, all_of(box))

    shop.send(handed)

    assert states(handed) == [("CONFLICT", "OFF_NOT_DISPENSABLE")]


def test_the_lease_of_another_counter_ends_when_the_boxes_are_out(
    doctor, shop, other_shop, patient
) -> None:
    box, second = world.medicine(), world.medicine()
    document, code = written(doctor, patient, box, second)
    prescribed_online(doctor, document)
    handed = dispensed(shop, document, code, all_of(box))
    take_custody(
        fse_number=document["fse_number"],
        pharmacy=other_shop.practice.provider,
        by=other_shop.practice.user,
        at=shop.now,
        secret=document["secret"],
    )

    shop.send(handed)

    prescription = Prescription.objects.get()
    assert (prescription.state, prescription.custodian) == ("PARTLY_DISPENSED", None)
    assert states(handed) == [("APPLIED", "APPLIED")]


def test_a_hand_over_after_the_end_is_weighed_unless_an_outage_moved_it(
    doctor, shop, patient, agent
) -> None:
    box = world.medicine()
    document, code = written(doctor, patient, box, written_on="2026-08-20")
    world.prescribe(doctor.practice, document)
    early = dispensed(shop, document, code, all_of(box))
    shop.send(early)
    assert states(early) == [("CONFLICT", "OFF_NOT_DISPENSABLE")]

    # Its last day was 17 November: an outage that day moves it.
    providers.declare_outage(
        territory=None,
        since=world.NOW - timedelta(days=5),
        until=world.NOW - timedelta(days=1),
        reason="câble",
        by=agent,
        at=world.NOW,
    )
    again = dispensed(shop.wait(minutes=1), document, code, all_of(box))
    shop.send(again)

    assert states(again) == [("APPLIED", "APPLIED")]


def test_a_claim_filed_late_because_of_an_outage_is_judged_as_in_time(
    doctor, patient, agent
) -> None:
    world.act("C")
    line = world.care_document(doctor.practice, patient)["lines"][0]
    old = [{**line, "care_date": "2026-09-15"}]
    late = world.submit(doctor.practice, world.care_document(doctor.practice, patient, lines=old))
    assert (late.outcome, late.excuse) == ("denied", "")

    outage = providers.declare_outage(
        territory=None,
        since=world.NOW - timedelta(days=6),
        until=world.NOW - timedelta(days=1),
        reason="câble",
        by=agent,
        at=world.NOW,
    )
    excused = world.submit(
        doctor.practice, world.care_document(doctor.practice, patient, lines=old)
    )

    assert (excused.outcome, excused.excused) == ("approved", True)
    assert excused.excuse == outage.code


def test_a_cancellation_and_a_reversal_signed_offline(doctor, shop, patient) -> None:
    box = world.medicine()
    document, code = written(doctor, patient, box)
    shop.send(handed := dispensed(shop, document, code, all_of(box)))
    reversal = shop.wait(minutes=5).keep(
        "reversal",
        {"reason": "GOODS_BACK"},
        inside={"path_arguments": {"envelope": handed["document"]["id"]}},
    )
    shop.send(reversal)
    assert states(reversal) == [("APPLIED", "APPLIED")]
    assert Claim.objects.get().state == "CANCELLED"

    cancelled = doctor.keep(
        "cancellation",
        {"reason": "erreur"},
        inside={"path_arguments": {"fse_number": document["fse_number"]}},
    )
    doctor.send(cancelled)

    assert states(cancelled) == [("APPLIED", "APPLIED")]
    assert Prescription.objects.get().state == "CANCELLED"
