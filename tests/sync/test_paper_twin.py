"""An envelope whose sheet came on paper first, and a pad's number used with no network."""

from datetime import timedelta

import pytest

from claims.models import Claim, PaperFile, PaperTwin
from tests import world
from tests.claims.papers import first_sheet, pad_of, receive
from tests.sync.device import OfflineDevice, stands, states

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_still_clock")]


@pytest.fixture
def device() -> OfflineDevice:
    world.act("C")
    return OfflineDevice(world.practice()).hear().wait(hours=1)


@pytest.mark.parametrize(("charged", "state"), [("200.00", "MERGED"), ("300.00", "QUESTIONED")])
def test_an_envelope_whose_paper_came_first_counts_once(device, charged, state) -> None:
    patient = world.person()
    sheet = first_sheet(pad_of(device.practice))
    document = world.care_document(device.practice, patient, fse_number=sheet.fse_number)
    document["lines"][0]["charged"] = charged
    envelope = device.keep("care_claim", device.body(document))
    paper = receive(device.practice, patient, sheet)

    for _again in range(2):
        device.send(envelope)

    assert states(envelope) == [("APPLIED", "ALREADY_ON_PAPER")]
    assert stands(envelope).claim_id == paper.claim_id
    assert (Claim.objects.count(), PaperTwin.objects.count()) == (1, 1)
    assert PaperFile.objects.get().state == state


def test_a_pad_s_number_used_with_no_network_meets_its_paper_later(device) -> None:
    patient = world.person()
    sheet = first_sheet(pad_of(device.practice))
    document = world.care_document(device.practice, patient, fse_number=sheet.fse_number)
    envelope = device.keep("care_claim", device.body(document))
    device.send(envelope)

    paper = receive(device.practice, patient, sheet, at=world.NOW + timedelta(hours=2))

    assert states(envelope) == [("APPLIED", "APPLIED")]
    assert (paper.claim_id, paper.state) == (stands(envelope).claim_id, "MERGED")
    assert Claim.objects.count() == 1
