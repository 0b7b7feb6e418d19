"""Papers of the counter: who may print them, what they carry, and that the receipt is sealed."""

from typing import Any

import pytest
from django.test import Client

from claims.presenters.counter_papers import sealed_receipt
from core import signatures
from prescriptions.services import take_custody
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> tuple[world.Practice, Any]:
    """A box handed over of two, of one line of two."""
    doctor, shop, patient = world.practice(), world.pharmacy(), world.person()
    boxes = [world.medicine(), world.medicine()]
    lines = [world.prescribed_line(each) for each in boxes]
    prescription = world.prescribe(doctor, world.second_document(doctor, patient, lines))
    take_custody(
        fse_number=prescription.fse_number,
        pharmacy=shop.provider,
        secret=prescription.document["secret"],
        by=shop.user,
        at=world.NOW,
    )
    document = world.dispensing_document(shop, prescription, [(1, boxes[0], 1, "75.00")])
    return shop, world.dispense(shop, document)


@pytest.mark.parametrize("kind", ["etiquettes", "reste", "recu"])
def test_the_pharmacy_prints_its_papers_again(
    town: tuple[world.Practice, Any], client: Client, kind: str
) -> None:
    shop, claim = town
    client.force_login(shop.user)

    for _time in range(2):
        answer = client.get(f"/pharmacie/papiers/{claim.pk}/{kind}.pdf")
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")


def test_nobody_else_does(town: tuple[world.Practice, Any], client: Client) -> None:
    shop, claim = town
    client.force_login(world.pharmacy().user)
    assert client.get(f"/pharmacie/papiers/{claim.pk}/recu.pdf").status_code == 404
    client.force_login(shop.user)
    assert client.get(f"/pharmacie/papiers/{claim.pk}/autre.pdf").status_code == 404


def test_the_receipt_is_signed_both_ways(town: tuple[world.Practice, Any]) -> None:
    _shop, claim = town

    receipt = sealed_receipt(claim)

    device = receipt["device_signature"]
    assert signatures.is_signed(receipt["document"], device, claim.device.public_jwk)
    seal = receipt.pop("signature")
    assert signatures.is_signed(receipt, seal["value"], seal["jwk"])
    receipt["reimbursed_centimes"] += 1
    assert not signatures.is_signed(receipt, seal["value"], seal["jwk"])
