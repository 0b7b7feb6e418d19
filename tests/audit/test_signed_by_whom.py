"""A document counts for the one who signed it: nobody else is answered with it, nor bills under it."""

import pytest

from accounts.models import Role
from claims.services import cancel_claim, submit_claim
from core.errors import DomainError
from core.signatures import SignedDocument
from providers.services import SignatureInvalid, revoke_device
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor() -> world.Practice:
    world.act("C")
    return world.practice()


def test_a_received_document_with_a_forged_signature_is_not_answered(doctor) -> None:
    document = world.care_document(doctor, world.person())
    world.submit(doctor, document)
    forged = SignedDocument(document, "A" * 86)

    with pytest.raises(SignatureInvalid):
        submit_claim(draft=world.care_draft(document), signed=forged, by=doctor.user, at=world.NOW)


def test_a_received_document_sent_by_another_person_gives_nothing(doctor) -> None:
    document = world.care_document(doctor, world.person())
    world.submit(doctor, document)

    with pytest.raises(DomainError) as refusal:
        submit_claim(
            draft=world.care_draft(document),
            signed=doctor.sign(document),
            by=world.practice().user,
            at=world.NOW,
        )
    assert refusal.value.code == "PROVIDER_MISMATCH"


def test_the_author_of_an_acknowledged_claim_is_answered_again_after_revocation(doctor) -> None:
    document = world.care_document(doctor, world.person())
    signed = doctor.sign(document)
    first = world.submit(doctor, document)
    revoke_device(device=doctor.device, by=doctor.user, at=world.NOW)

    again = submit_claim(
        draft=world.care_draft(document), signed=signed, by=doctor.user, at=world.NOW
    )
    assert again.claim.pk == first.pk


def test_a_dispensing_sent_again_with_a_forged_signature_is_not_answered(doctor) -> None:
    box, shop = world.medicine(), world.pharmacy()
    paper = world.prescribe(doctor, world.prescription_document(doctor, world.person(), [box]))
    document = world.dispensing_document(shop, paper, [(1, box, 1, "75.00")])
    world.dispense(shop, document)
    forged = world.Practice(shop.provider, shop.user, shop.device, doctor.key)

    with pytest.raises(SignatureInvalid):
        world.dispense(forged, document)


def test_a_number_never_gathers_two_patients_whichever_paper_comes_first(doctor) -> None:
    number, one, other = doctor.mint(), world.person(), world.person()
    world.submit(doctor, world.care_document(doctor, one, fse_number=number))

    with pytest.raises(DomainError):
        world.prescribe(
            doctor,
            world.prescription_document(doctor, other, [world.medicine()], fse_number=number),
        )


def test_nobody_withdraws_the_claim_of_another_practice(doctor) -> None:
    claim = world.submit(doctor, world.care_document(doctor, world.person()))
    strangers = [world.practice().user, world.user(Role.AGENT), claim.insured.user or world.user()]
    for stranger in strangers:
        with pytest.raises(DomainError) as refusal:
            cancel_claim(claim, reason="x", by=stranger, at=world.NOW)
        assert refusal.value.code == "PROVIDER_MISMATCH"
    claim.refresh_from_db()
    assert claim.state == "ADJUDICATED"
