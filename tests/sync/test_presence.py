"""A proof of presence that a counter noted with no network: judged at the instant of the signature."""

from datetime import timedelta
from typing import Any

import pytest

from claims.models import Claim
from insured import services as insured
from insured.models import Entitlement, Insured, Person, PresenceProof
from prescriptions.models import Dispensing
from sync.models import Incident
from tests import world
from tests.sync.device import OfflineDevice, stands, states
from tests.sync.screen import known_of, pack_now, showing
from tests.sync.test_as_shown import AFTER, broken, handed, settled, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_still_clock")]

Json = dict[str, Any]


def brought(
    doctor: OfflineDevice, shop: OfflineDevice, patient: Person, presence: Any, **inside: Any
) -> Json:
    """A hand-over of two boxes with what was offered as a proof, kept."""
    document, code = handed(doctor, shop, patient, world.medicine())
    content = {"code": code, "presence": presence, **inside}
    return shop.keep("dispensing", shop.body(document), inside=content)


def card_of(patient: Person) -> Json:
    household = Insured.objects.get(pk=patient.insured_id)
    return {"level": "CARD", "evidence": household.registration_number}


def test_a_card_shown_offline_serves_from_the_hand_over_on(doctor, shop, patient) -> None:
    envelope = brought(doctor, shop, patient, card_of(patient))
    shop.send(envelope, at=AFTER)
    assert states(envelope) == [("APPLIED", "APPLIED")]
    proof = PresenceProof.objects.get()
    assert (proof.level, proof.made_at) == ("CARD", world.NOW + timedelta(hours=2))
    assert Dispensing.objects.get().presence == proof


def test_a_word_given_offline_is_kept_with_its_reason(doctor, shop, patient) -> None:
    word = {"level": "ATTESTATION", "evidence": "téléphone oublié"}
    envelope = brought(doctor, shop, patient, word)
    shop.send(envelope, at=AFTER)
    proof = Dispensing.objects.get().presence
    assert (proof.level, proof.reason) == ("ATTESTATION", "téléphone oublié")


def test_a_qr_of_the_phone_counts_by_the_instant_it_was_shown(doctor, shop, patient) -> None:
    at = shop.now - timedelta(seconds=20)
    text, until = insured.issue_portal_code(insured=patient.insured, at=at)
    assert until < AFTER
    envelope = brought(doctor, shop, patient, {"level": "PORTAL_QR", "evidence": text})
    shop.send(envelope, at=AFTER)
    assert Dispensing.objects.get().presence.level == "PORTAL_QR"


def card_of_another(patient: Person, shop: OfflineDevice) -> Any:
    return card_of(world.person())


def qr_that_had_ended(patient: Person, shop: OfflineDevice) -> Any:
    text, _until = insured.issue_portal_code(
        insured=patient.insured, at=shop.now - timedelta(hours=1)
    )
    return {"level": "PORTAL_QR", "evidence": text}


def qr_of_another(patient: Person, shop: OfflineDevice) -> Any:
    text, _until = insured.issue_portal_code(insured=world.person().insured, at=shop.now)
    return {"level": "PORTAL_QR", "evidence": text}


def qr_that_has_served(patient: Person, shop: OfflineDevice) -> Any:
    text, _until = insured.issue_portal_code(insured=patient.insured, at=shop.now)
    insured.check_portal_code(
        insured=patient.insured,
        inpe=world.pharmacy().provider.inpe,
        text=text,
        by=shop.practice.user,
        at=shop.now,
    )
    return {"level": "PORTAL_QR", "evidence": text}


def qr_made_up(patient: Person, shop: OfflineDevice) -> Any:
    return {"level": "PORTAL_QR", "evidence": "WARAQAP:AAAAAAAA"}


def word_without_a_reason(patient: Person, shop: OfflineDevice) -> Any:
    return {"level": "ATTESTATION", "evidence": " "}


def word_with_a_null_character(patient: Person, shop: OfflineDevice) -> Any:
    return {"level": "ATTESTATION", "evidence": "oubli\x00"}


def card_with_a_null_character(patient: Person, shop: OfflineDevice) -> Any:
    return {"level": "CARD", "evidence": "A\x001"}


def code_by_telephone(patient: Person, shop: OfflineDevice) -> Any:
    return {"level": "ONE_TIME_CODE", "evidence": "123456"}


def no_proof_at_all(patient: Person, shop: OfflineDevice) -> Any:
    return {"level": 3, "evidence": ["x"], "more": None}


@pytest.mark.parametrize(
    "offered",
    [
        card_of_another,
        qr_that_had_ended,
        qr_of_another,
        qr_that_has_served,
        qr_made_up,
        word_without_a_reason,
        word_with_a_null_character,
        card_with_a_null_character,
        code_by_telephone,
        no_proof_at_all,
    ],
)
def test_a_proof_that_proves_nothing_drops_nothing_and_is_told(
    doctor, shop, patient, offered
) -> None:
    envelope = brought(doctor, shop, patient, offered(patient, shop))
    before = PresenceProof.objects.count()

    shop.send(envelope, at=AFTER)
    shop.send(envelope, at=AFTER)

    assert states(envelope) == [("APPLIED", "OFF_PRESENCE_REFUSED")]
    assert stands(envelope).message["ar"] != stands(envelope).message["fr"]
    assert Dispensing.objects.get().presence is None
    assert Claim.objects.get().reimbursed_centimes == 8_400
    assert PresenceProof.objects.count() == before
    assert Incident.objects.get().kind == "PRESENCE"


def test_a_proof_made_after_the_hand_over_does_not_serve_it(doctor, shop, patient) -> None:
    envelope = brought(doctor, shop, patient, None)
    insured.show_card(
        insured=patient.insured,
        inpe=shop.practice.provider.inpe,
        card=card_of(patient)["evidence"],
        by=shop.practice.user,
        at=shop.now + timedelta(minutes=1),
    )
    shop.send(envelope, at=AFTER)
    assert Dispensing.objects.get().presence is None


@pytest.mark.parametrize(
    ("level", "third_party", "paid", "code"),
    [
        ("CARD", True, 8_400, "OFF_PAID_AS_SHOWN"),
        ("CARD", False, 0, "OFF_NOT_AS_SHOWN"),
        ("ATTESTATION", True, 0, "OFF_NOT_AS_SHOWN"),
    ],
)
def test_rights_closed_since_are_paid_to_a_pharmacy_whose_proof_guarantees_the_whole(
    doctor, shop, patient, level, third_party, paid, code
) -> None:
    box = world.medicine()
    document, paper = handed(doctor, shop, patient, box, third_party_payment=third_party)
    pack = pack_now()
    shown = showing(shop, document, pack, known=known_of(patient, shop))
    proof = card_of(patient) if level == "CARD" else {"level": level, "evidence": "oubliée"}
    content = {"code": paper, "presence": proof, "shown": shown}
    envelope = shop.keep("dispensing", shop.body(document), inside=content, pack=str(pack.pk))
    Entitlement.objects.all().delete()

    shop.send(envelope, at=AFTER)
    settled()

    assert states(envelope) == [("APPLIED", code)]
    assert told() == [(8_400, 0, paid, ["RIGHTS_CHANGED"], paid > 0)]
    assert Claim.objects.get().reimbursed_centimes == paid
    assert broken() == []
