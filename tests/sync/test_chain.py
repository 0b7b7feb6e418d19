"""The order of each device: gaps, forks, replays, crashes, and what an agent may force."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from claims.models import Claim
from core import outbox
from core.errors import DomainError
from core.models import OutboxMessage
from sync import services
from sync.models import DeviceChain, Envelope, Incident
from sync.services import _receiving, _settling
from tests import world
from tests.sync.device import OfflineDevice, stands, states

pytestmark = pytest.mark.django_db

LATER = world.NOW + timedelta(hours=3)


@pytest.fixture
def device() -> OfflineDevice:
    world.act("C")
    return OfflineDevice(world.practice()).hear().wait(hours=1)


def kept(device: OfflineDevice, patient: Any, count: int) -> list[Any]:
    return [device.wait(minutes=5).care(patient) for _each in range(count)]


def test_a_batch_is_applied_in_the_order_of_its_numbers_whatever_its_own(device, patient) -> None:
    first, second, third = kept(device, patient, 3)

    replies = device.send(third, first, second)

    assert [reply.envelope.sequence for reply in replies] == [3, 1, 2]
    assert states(first, second, third) == [("APPLIED", "APPLIED")] * 3
    applied = Envelope.objects.order_by("claim__received_at", "claim__id")
    assert [each.sequence for each in applied] == [1, 2, 3]


def test_what_follows_a_gap_is_held_until_the_gap_is_filled(device, patient) -> None:
    first, second, third = kept(device, patient, 3)
    device.send(first, third)
    assert states(first, third) == [("APPLIED", "APPLIED"), ("HELD", "OFF_GAP")]
    assert "n° 2" in stands(third).message["fr"]
    assert Claim.objects.count() == 1

    device.send(second)

    assert states(second, third) == [("APPLIED", "APPLIED")] * 2


def test_an_agent_goes_on_after_a_gap_and_what_was_missing_still_counts(
    device, patient, agent
) -> None:
    first, second, third = kept(device, patient, 3)
    device.send(first, third)

    services.release_envelope(envelope=stands(third), reason="poste noyé", by=agent, at=LATER)

    assert states(third) == [("APPLIED", "APPLIED")]
    gap = Incident.objects.get()
    assert (gap.kind, gap.detail) == ("GAP_FORCED", {"missing_from": 2, "missing_to": 2})
    device.send(second, at=LATER)
    assert states(second) == [("APPLIED", "APPLIED")]
    assert DeviceChain.objects.get().sequence == 3


def test_another_envelope_of_a_number_taken_waits_for_a_person(device, patient, agent) -> None:
    first = device.care(patient)
    device.send(first)
    device.sequence, device.previous = 0, ""
    fork = device.wait(minutes=1).care(patient)

    device.send(fork)

    assert states(first, fork) == [("APPLIED", "APPLIED"), ("QUARANTINED", "OFF_FORK")]
    assert Incident.objects.get().kind == "FORK"
    assert Claim.objects.count() == 1
    services.release_envelope(envelope=stands(fork), reason="sauvegarde relue", by=agent, at=LATER)
    assert states(fork) == [("APPLIED", "APPLIED")]
    # The device goes on from the fork.
    following = device.wait(minutes=1).care(patient)
    device.send(following, at=LATER)
    assert states(following) == [("APPLIED", "APPLIED")]


def test_a_history_that_does_not_continue_ours_waits_for_a_person(device, patient) -> None:
    device.send(device.care(patient))
    device.previous = "A" * 43
    forked = device.care(patient)

    device.send(forked)

    assert states(forked) == [("QUARANTINED", "OFF_FORK")]
    assert DeviceChain.objects.get().sequence == 1


def test_an_envelope_nobody_signed_takes_no_place_in_the_chain(device, patient) -> None:
    genuine = device.care(patient)
    forged = json.loads(json.dumps(genuine))
    forged["signature"] = "A" * 86

    (reply,) = device.send(forged)

    assert reply.refusal.code == "SIGNATURE_INVALID"
    assert Envelope.objects.count() == 0
    assert Incident.objects.get().kind == "BAD_SIGNATURE"
    device.send(genuine)
    assert states(genuine) == [("APPLIED", "APPLIED")]


def test_a_document_the_services_refuse_is_refused_with_its_code_and_the_chain_goes_on(
    device, patient
) -> None:
    unknown = {"patient": "01936f6a-7e50-7c3b-9a52-2f8d0a1b4c5d"}
    document = {**world.care_document(device.practice, patient), **unknown}
    wrong = device.keep("care_claim", device.body(document))
    right = device.wait(minutes=1).care(patient)

    device.send(wrong, right)

    assert states(right) == [("APPLIED", "APPLIED")]
    refused = stands(wrong)
    assert (refused.state, refused.code) == ("REJECTED", "ENTRIES_REFUSED")
    assert [each["code"] for each in refused.errors] == ["PATIENT_UNKNOWN"]


def test_a_body_of_the_wrong_shape_names_what_is_wrong(device) -> None:
    wrong = device.keep("care_claim", {"document": {}, "signature": ""})

    device.send(wrong)

    assert states(wrong) == [("REJECTED", "INVALID_ENTRY")]
    assert "/document/fse_number" in [each["pointer"] for each in stands(wrong).errors]


@pytest.mark.parametrize("how", ["no JWE", "no key named", "spoilt"])
def test_a_content_that_cannot_be_opened_is_refused_for_good(device, how) -> None:
    head, tag = device.made("care_claim", {})["document"]["sealed"].rsplit(".", 1)
    spoilt = f"{head}.{'B' if tag[0] == 'A' else 'A'}{tag[1:]}"
    content = {"no JWE": "x.y.z.v.w", "no key named": "e30.e30.e30.e30.e30", "spoilt": spoilt}
    envelope = device.keep("care_claim", {}, sealed=content[how])

    device.send(envelope)

    assert states(envelope) == [("REJECTED", "OFF_CONTENT_UNREADABLE")]


def test_a_content_sealed_for_a_key_we_lost_is_kept_for_a_person(
    device, patient, agent, settings
) -> None:
    envelope = device.care(patient)
    known, settings.SEALING_KEYS = (
        settings.SEALING_KEYS,
        ["AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM"],
    )
    device.send(envelope)
    assert states(envelope) == [("QUARANTINED", "OFF_SEALING_KEY_UNKNOWN")]

    settings.SEALING_KEYS = [*settings.SEALING_KEYS, *known]
    services.release_envelope(envelope=stands(envelope), reason="clé rendue", by=agent, at=LATER)

    assert states(envelope) == [("APPLIED", "APPLIED")]


def test_a_document_of_another_device_is_refused(device, patient) -> None:
    other = OfflineDevice(world.practice()).hear().wait(hours=1)
    body = other.body(world.care_document(other.practice, patient))
    envelope = device.keep("care_claim", body)

    device.send(envelope)

    assert states(envelope) == [("REJECTED", "OFF_DOCUMENT_OF_ANOTHER_DEVICE")]


def test_what_was_kept_and_not_settled_is_taken_up_by_the_outbox(
    device, patient, monkeypatch
) -> None:
    first, second = kept(device, patient, 2)

    def crashed(*_args: Any, **_named: Any) -> None:
        raise RuntimeError("the process died here")

    monkeypatch.setattr(_receiving, "settle_chain", crashed)
    (reply, _other) = device.send(first, second)
    assert reply.envelope.state == "RECEIVED"
    assert Claim.objects.count() == 0

    while messages := outbox.take(at=LATER, limit=10):
        outbox.deliver(messages, at=LATER)

    assert states(first, second) == [("APPLIED", "APPLIED")] * 2
    assert OutboxMessage.objects.filter(quarantined_at__isnull=False).count() == 0


def test_a_failure_in_the_middle_undoes_that_envelope_alone(device, patient, monkeypatch) -> None:
    first, second = kept(device, patient, 2)
    whole = _settling._applied
    calls = []

    def failing(read: Any, *args: Any, **named: Any) -> Any:
        calls.append(read.sequence)
        if len(calls) == 2:
            raise RuntimeError("the database went away")
        return whole(read, *args, **named)

    monkeypatch.setattr(_settling, "_applied", failing)
    device.send(first, second)
    assert [state for state, _code in states(first, second)] == ["APPLIED", "RECEIVED"]
    assert DeviceChain.objects.get().sequence == 1

    device.send(second)

    assert states(second) == [("APPLIED", "APPLIED")]
    assert Claim.objects.count() == 2


def test_only_an_agent_decides_with_a_reason_and_once(device, patient, agent) -> None:
    _first, second = kept(device, patient, 2)
    device.send(second)
    before = world.rows_everywhere()
    for by, reason, code in (
        (device.practice.user, "x", "NOT_OFFLINE_AGENT"),
        (agent, " ", "REASON_MISSING"),
    ):
        with pytest.raises(DomainError) as refusal, transaction.atomic():
            services.refuse_envelope(envelope=stands(second), reason=reason, by=by, at=LATER)
        assert refusal.value.code == code
    assert world.rows_everywhere() == before

    services.refuse_envelope(envelope=stands(second), reason="poste volé", by=agent, at=LATER)

    assert states(second) == [("REJECTED", "OFF_REFUSED_BY_AGENT")]
    assert "poste volé" in stands(second).message["fr"]
    with pytest.raises(DomainError) as refusal, transaction.atomic():
        services.release_envelope(envelope=stands(second), reason="x", by=agent, at=LATER)
    assert refusal.value.code == "ENVELOPE_DECIDED"


def test_an_envelope_is_never_dropped_nor_changed(device, patient) -> None:
    device.send(device.care(patient))
    for statement in (
        "DELETE FROM sync_envelope",
        "UPDATE sync_envelope SET raw = ''",
        "UPDATE sync_envelope SET hash = repeat('x', 43)",
    ):
        with (
            pytest.raises(IntegrityError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert Envelope.objects.count() == 1


def test_the_own_user_who_asks_for_outcomes_receipts_them(device, patient) -> None:
    envelope = device.care(patient)
    device.send(envelope)
    other = world.practice()
    key = stands(envelope).pk

    services.fetch_outcomes(ids=[key], by=other.user, at=LATER)
    assert stands(envelope).state == "APPLIED"
    services.fetch_outcomes(ids=[key], by=device.practice.user, at=LATER)
    assert stands(envelope).state == "RECEIPTED"


def test_the_same_sheet_by_another_way_counts_once(device, patient) -> None:
    document = world.care_document(device.practice, patient)
    online = world.submit(device.practice, document)
    again = {**document, "third_party_payment": True}
    envelope = device.keep("care_claim", device.body(again))

    device.send(envelope)

    assert states(envelope) == [("APPLIED", "OFF_DUPLICATE")]
    assert stands(envelope).claim_id == online.pk
    assert Claim.objects.count() == 1
    assert Incident.objects.get().kind == "DUPLICATE"
