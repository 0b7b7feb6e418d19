"""What the reception of offline work must not let anybody do: each was possible once."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Role
from claims.models import Claim
from payments import services as payments
from prescriptions.models import DispensedItem, Dispensing, Prescription
from prescriptions.services import take_custody
from providers.models import Membership
from sync.models import Envelope, Incident
from sync.presenters import reply_output
from tests import world
from tests.sync.device import OfflineDevice, stands, states
from tests.sync.test_hand_overs import all_of, code_of, dispensed, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_still_clock")]


def test_a_pharmacy_writes_no_prescription_to_itself(shop, patient) -> None:
    box = world.medicine()
    document, code = written(shop, patient, box)
    handed = dispensed(shop, document, code, all_of(box))

    shop.send(handed)

    assert states(handed) == [("CONFLICT", "OFF_NOT_DISPENSABLE")]
    assert (Prescription.objects.count(), Claim.objects.count()) == (0, 0)


def test_who_no_longer_signs_for_the_practice_prescribes_by_no_code(doctor, shop, patient) -> None:
    box = world.medicine()
    document, code = written(doctor, patient, box)
    Membership.objects.filter(user=doctor.practice.user).delete()
    handed = dispensed(shop, document, code, all_of(box))

    shop.send(handed)

    assert states(handed) == [("CONFLICT", "OFF_NOT_DISPENSABLE")]
    assert Prescription.objects.count() == 0


@pytest.mark.parametrize("signer", ["doctor", "shop"])
def test_a_code_of_another_number_suspends_nobody(doctor, shop, patient, signer) -> None:
    """A document that names one prescription, beside a code that is not its own."""
    box, second = world.medicine(), world.medicine()
    document, code = written(doctor, patient, box)
    doctor.send(doctor.keep("prescription", doctor.body(document, code=code)))
    other, other_code = written(doctor, patient, second)
    doctor.send(doctor.keep("prescription", doctor.body(other, code=other_code)))
    false = {**other, "lines": document["lines"]}
    by = doctor if signer == "doctor" else shop
    handed = dispensed(shop, document, code_of(by, false, patient), all_of(box))

    shop.send(handed)

    assert states(handed) == [("CONFLICT", "OFF_NOT_DISPENSABLE")]
    assert set(Prescription.objects.values_list("state", flat=True)) == {"ACTIVE"}


def test_a_code_that_its_prescriber_did_not_sign_suspends_nobody(doctor, shop, patient) -> None:
    box, second = world.medicine(), world.medicine()
    document, code = written(doctor, patient, box)
    doctor.send(doctor.keep("prescription", doctor.body(document, code=code)))
    false = {**document, "lines": [world.prescribed_line(second)]}
    handed = dispensed(shop, document, code_of(shop, false, patient), all_of(box))

    shop.send(handed)

    assert states(handed) == [("CONFLICT", "OFF_NOT_DISPENSABLE")]
    assert Prescription.objects.get().state == "ACTIVE"
    assert not Incident.objects.filter(kind="CODE_DIFFERS").exists()


def test_without_the_code_a_secret_prescription_is_weighed_by_a_person(
    doctor, shop, patient
) -> None:
    box = world.medicine()
    document, code = written(doctor, patient, box)
    doctor.send(doctor.keep("prescription", doctor.body(document, code=code)))
    handed = dispensed(shop, document, None, all_of(box))

    shop.send(handed)

    assert states(handed) == [("CONFLICT", "OFF_NOT_DISPENSABLE")]
    assert (Dispensing.objects.count(), Claim.objects.count()) == (0, 0)


def test_what_the_first_takes_back_is_what_the_second_gave(
    doctor, shop, other_shop, patient
) -> None:
    """Or the boxes of one prescription would be handed over, and paid, a third time."""
    box = world.medicine()
    document, code = written(doctor, patient, box)
    shop.send(dispensed(shop, document, code, all_of(box)))
    other_shop.send(dispensed(other_shop, document, code, all_of(box)))
    first = Claim.objects.get(provider=shop.practice.provider)

    payments.reverse_dispensing(
        claim_id=first.pk,
        pharmacy=shop.practice.provider,
        reason=payments.CorrectionReason.GOODS_BACK,
        by=shop.practice.user,
        at=shop.now + timedelta(hours=1),
    )

    item = Prescription.objects.get().items.get()
    assert (item.boxes_dispensed, item.boxes_left, item.state) == (2, 0, "DISPENSED")
    left = DispensedItem.objects.get(dispensing__pharmacy=other_shop.practice.provider)
    assert left.boxes_beyond == 0


def test_a_carrier_is_told_nothing_of_the_content(doctor, shop, patient) -> None:
    box, not_prescribed = world.medicine(), world.medicine()
    document, code = written(doctor, patient, box)
    handed = dispensed(shop, document, code, all_of(not_prescribed))
    carrier = world.user(Role.PHARMACIST)

    (reply,) = shop.send(handed)

    own = reply_output(reply, viewer=shop.practice.user, at=shop.now)
    told = reply_output(reply, viewer=carrier, at=shop.now)
    assert own["errors"]
    assert (told["errors"], told["result"]) == ([], None)
    assert told["message"] == {"fr": "", "ar": ""}
    assert told["code"] == told["outcome"] == own["outcome"] == "REFUSED"


def test_who_left_the_pharmacy_takes_nothing_back_for_it(doctor, shop, patient) -> None:
    box = world.medicine()
    document, code = written(doctor, patient, box)
    shop.send(dispensed(shop, document, code, all_of(box)))
    claim = Claim.objects.get()
    Membership.objects.filter(user=shop.practice.user).delete()
    body = {"reason": "GOODS_BACK"}
    back = shop.keep("reversal", body, inside={"path_arguments": {"claim_id": str(claim.pk)}})

    shop.send(back)

    assert states(back) == [("REJECTED", "PROVIDER_MISMATCH")]
    claim.refresh_from_db()
    assert claim.state != "REVERSED"
    assert Dispensing.objects.get().state == "HANDED_OVER"


@pytest.mark.parametrize("wall", ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"])
def test_an_instant_off_the_calendar_blocks_no_chain(doctor, wall) -> None:
    (reply,) = doctor.send(doctor.keep("care_claim", {}, wall=wall))

    assert reply.refusal is not None
    assert reply.refusal.code == "ENVELOPE_UNREADABLE"
    assert Envelope.objects.count() == 0


def test_the_rest_given_the_same_day_in_other_packs_is_no_duplicate(doctor, shop, patient) -> None:
    box = world.medicine()
    document, code = written(doctor, patient, box)

    def one(serial: str) -> list[Any]:
        packs = [{"batch": None, "expires_on": None, "serial": serial}]
        return [{**world.dispensed_line(1, box, 1), "outcome": "PARTIAL", "packs": packs}]

    morning = dispensed(shop, document, code, one("A1"))
    evening = dispensed(shop.wait(minutes=30), document, code, one("B2"))
    shop.send(morning, evening)

    assert states(morning, evening) == [("APPLIED", "APPLIED")] * 2
    assert Claim.objects.count() == 2
    assert stands(evening).claim_id != stands(morning).claim_id


def partly(box: Any) -> list[Any]:
    return [{**world.dispensed_line(1, box, 1), "outcome": "PARTIAL"}]


def test_two_equal_parts_the_same_day_both_count_while_boxes_are_left(
    doctor, shop, patient
) -> None:
    box = world.medicine()
    document, code = written(doctor, patient, box)
    morning = dispensed(shop, document, code, partly(box))
    evening = dispensed(
        shop.wait(minutes=30), document, code, partly(box), third_party_payment=False
    )
    night = dispensed(shop.wait(minutes=30), document, code, partly(box))

    shop.send(morning, evening, night)

    assert states(morning, evening, night) == [
        ("APPLIED", "APPLIED"),
        ("APPLIED", "APPLIED"),
        ("APPLIED", "OFF_DUPLICATE"),
    ]
    assert Claim.objects.count() == 2
    assert Prescription.objects.get().items.get().boxes_dispensed == 2


def test_an_equal_part_by_another_way_is_told_a_duplicate(doctor, shop, patient) -> None:
    """The pharmacy's portal on line, and its software off line: one hand-over."""
    box = world.medicine()
    document, code = written(doctor, patient, box)
    doctor.send(doctor.keep("prescription", doctor.body(document, code=code)))
    prescription = Prescription.objects.get()
    take_custody(
        fse_number=prescription.fse_number,
        pharmacy=shop.practice.provider,
        secret=document["secret"],
        by=shop.practice.user,
        at=shop.now,
    )
    world.dispense(
        shop.practice,
        world.second_dispensing(shop.practice, prescription, partly(box)),
    )
    again = dispensed(shop.wait(minutes=1), document, code, partly(box), third_party_payment=False)
    shop.send(again)
    assert states(again) == [("APPLIED", "OFF_DUPLICATE")]
    assert Claim.objects.count() == 1


def test_what_an_amendment_frees_is_shared_out_again(doctor, shop, patient) -> None:
    """Two gave both boxes; the first one says it gave one: the other one's is then within."""
    box = world.medicine()
    document, code = written(doctor, patient, box)
    other = OfflineDevice(world.pharmacy()).hear().wait(hours=3)
    first = dispensed(shop, document, code, [world.dispensed_line(1, box, 2)])
    second = dispensed(other, document, code, [world.dispensed_line(1, box, 2)])
    shop.send(first, at=other.now)
    other.send(second)
    claim = stands(first).claim
    amended = world.second_dispensing(
        shop.practice,
        Prescription.objects.get(),
        partly(box),
        replaces=claim.dispensing.document_hash,
    )
    receipt = payments.amend_dispensing(
        claim_id=claim.pk,
        pharmacy=shop.practice.provider,
        draft=world.dispensing_draft_of(amended),
        signed=shop.practice.sign(amended),
        by=shop.practice.user,
        at=other.now,
    )

    shares = {
        each.dispensing_id: (each.boxes, each.boxes_beyond)
        for each in DispensedItem.objects.filter(dispensing__state="HANDED_OVER")
    }
    assert shares[receipt.claim.dispensing_id] == (1, 0)
    assert shares[stands(second).claim.dispensing_id] == (2, 1)
    item = Prescription.objects.get().items.get()
    assert (item.boxes_dispensed, item.boxes_left, item.state) == (2, 0, "DISPENSED")
    assert receipt.claim.dispensing.handed_over_at == claim.dispensing.handed_over_at
