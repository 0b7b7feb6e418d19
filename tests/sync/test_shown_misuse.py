"""What paid as shown could be made to pay once, and no longer does."""

from datetime import timedelta
from typing import Any

import pytest

from claims.models import Claim, CountedUse
from core import seal
from insured.models import Entitlement, Person
from tests import world
from tests.sync.device import OfflineDevice, states
from tests.sync.screen import known_of, pack_now, showing
from tests.sync.test_as_shown import AFTER, dental, handed, settled, told
from tests.sync.test_presence import card_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_still_clock")]


def nothing_known(patient: Person, shop: OfflineDevice) -> Any:
    return None


def known_long_ago(patient: Person, shop: OfflineDevice) -> Any:
    facts = {name: each for name, each in known_of(patient, shop).items() if name != "signature"}
    return seal.seal({**facts, "seen_on": (world.TODAY - timedelta(days=8)).isoformat()})


@pytest.mark.parametrize("known", [nothing_known, known_long_ago])
def test_a_card_opens_no_rights_that_nobody_had_seen_lately(doctor, shop, patient, known) -> None:
    document, paper = handed(doctor, shop, patient, world.medicine())
    pack = pack_now()
    shown = showing(shop, document, pack, known=known(patient, shop))
    content = {"code": paper, "presence": card_of(patient), "shown": shown}
    envelope = shop.keep("dispensing", shop.body(document), inside=content, pack=str(pack.pk))
    Entitlement.objects.all().delete()

    shop.send(envelope, at=AFTER)
    settled()

    assert states(envelope) == [("APPLIED", "OFF_NOT_AS_SHOWN")]
    assert told() == [(8_400, 0, 0, ["RIGHTS_CHANGED"], False)]
    assert Claim.objects.get().reimbursed_centimes == 0


def test_facts_from_before_one_s_own_care_pay_no_ceiling_twice(doctor, patient) -> None:
    document = dental(patient, doctor)
    pack = pack_now()
    shown = showing(doctor, document, pack, known=known_of(patient, doctor))
    envelope = doctor.keep(
        "care_claim", doctor.body(document), inside={"shown": shown}, pack=str(pack.pk)
    )
    world.act()
    own = world.submit(doctor.practice, world.care_document(doctor.practice, patient))
    CountedUse.objects.create(
        patient=patient,
        claim=own,
        n=own.decision_n,
        position=9,
        kind=CountedUse.Kind.CEILING,
        name="dental_prosthesis",
        insured_id=patient.insured_id,
        care_date=world.TODAY - timedelta(days=40),
        amount=200_000,
    )

    doctor.send(envelope)
    settled()

    assert states(envelope) == [("APPLIED", "OFF_NOT_AS_SHOWN")]
    assert told() == [(140_000, 100_000, 100_000, ["CEILING_REACHED"], False)]
