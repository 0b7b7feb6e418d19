"""Envelopes at the API: kept first, applied once and in order, answered the same each time."""

import json
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from claims.models import Claim
from sync.gateways import seal_jwk
from sync.intake import envelope_hash
from sync.models import DeviceChain, Envelope, Incident
from tests import world
from tests.api.conftest import Api
from tests.sync.device import OfflineDevice, states

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: world.NOW + timedelta(hours=2))


@pytest.fixture
def device() -> OfflineDevice:
    world.act("C")
    return OfflineDevice(world.practice()).hear().wait(hours=1)


def sent(device: OfflineDevice, *envelopes: Any, user: Any = None) -> Any:
    return Api(user=user or device.practice.user).post("sync/envelopes", {"envelopes": envelopes})


def receipt_says(answer: dict[str, Any]) -> dict[str, Any]:
    key = ECKey.import_key(seal_jwk())
    said: dict[str, Any] = json.loads(jws.deserialize_compact(answer["receipt"], key).payload)
    return said


def test_a_care_claim_signed_offline_is_applied_and_receipted(device, patient) -> None:
    envelope = device.care(patient)

    response = sent(device, envelope)

    (answer,) = response.json()["answers"]
    assert (response.status_code, answer["outcome"], answer["repair"]) == (200, "APPLIED", "NONE")
    claim = Claim.objects.get()
    assert answer["result"]["id"] == str(claim.pk)
    assert claim.received_at == world.NOW + timedelta(hours=2)
    said = receipt_says(answer)
    assert said["hash"] == envelope_hash(envelope["document"])
    assert (said["outcome"], said["sequence"]) == ("APPLIED", 1)
    kept = Envelope.objects.get()
    assert kept.signed_at == world.NOW + timedelta(hours=1)
    assert DeviceChain.objects.get().sequence == 1


def test_the_same_envelope_again_gets_the_same_answer(device, patient) -> None:
    envelope = device.care(patient)
    first = sent(device, envelope).json()
    before = world.rows_everywhere()

    again = sent(device, envelope).json()

    assert again == first
    assert Claim.objects.count() == 1
    assert world.rows_everywhere() == before


def test_the_same_id_with_other_bytes_is_refused_and_told(device, patient) -> None:
    first = device.care(patient)
    sent(device, first)
    other = device.made("care_claim", {}, id=first["document"]["id"])

    response = sent(device, other)

    (answer,) = response.json()["answers"]
    assert (response.status_code, answer["outcome"]) == (422, "REFUSED")
    assert answer["code"] == "ENVELOPE_ID_REUSED"
    assert states(first) == [("APPLIED", "APPLIED")]
    incident = Incident.objects.get()
    assert (incident.kind, bytes(incident.raw) != b"") == ("ID_REUSED", True)
    sent(device, other)
    assert Incident.objects.count() == 1
