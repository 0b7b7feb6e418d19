"""Keys, clocks and limits: each rule of docs/offline.md, through the door."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Role
from claims.models import Claim
from core.record_keys import new_key
from providers import services as providers
from sync import services
from sync.gateways import issued
from sync.models import Incident
from tests import world
from tests.sync.device import OfflineDevice, stands, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def device() -> OfflineDevice:
    world.act("C")
    return OfflineDevice(world.practice()).hear().wait(hours=1)


@pytest.fixture
def officer() -> Any:
    return world.user(Role.FRAUD_OFFICER)


def revoked(device: OfflineDevice, by: Any, **fields: Any) -> None:
    providers.revoke_device(
        device=device.practice.device, by=by, at=device.now, reason="perdu", **fields
    )


def test_signed_before_a_revocation_and_received_after_it_is_accepted(
    device, patient, officer
) -> None:
    envelope = device.care(patient)
    revoked(device.wait(hours=1), officer)

    device.send(envelope, at=device.now + timedelta(hours=1))

    assert states(envelope) == [("APPLIED", "APPLIED")]
    assert Claim.objects.count() == 1


def test_signed_after_a_revocation_waits_for_a_person(device, patient, officer, agent) -> None:
    revoked(device, officer)
    envelope = device.wait(hours=1).care(patient)

    device.send(envelope)

    assert states(envelope) == [("QUARANTINED", "OFF_DEVICE_STOPPED")]
    assert Incident.objects.get().kind == "KEY_NOT_VALID"
    services.release_envelope(
        envelope=stands(envelope), reason="vu avec lui", by=agent, at=device.now
    )
    assert states(envelope) == [("APPLIED", "APPLIED")]


def test_a_stolen_device_says_nothing_that_is_believed(device, patient, officer) -> None:
    envelope = device.care(patient)
    revoked(device.wait(hours=1), officer, stolen_since=device.now)

    device.send(envelope)

    assert states(envelope) == [("QUARANTINED", "OFF_DEVICE_STOLEN")]
    assert Claim.objects.count() == 0


def test_what_a_suspended_device_signs_waits_and_counts_once_it_is_reinstated(
    device, patient, officer, agent
) -> None:
    before = device.care(patient)
    providers.suspend_device(
        device=device.practice.device, by=officer, at=device.now + timedelta(minutes=30), reason="?"
    )
    during = device.wait(hours=1).care(patient)
    device.send(before, during)
    assert states(before, during) == [
        ("APPLIED", "APPLIED"),
        ("QUARANTINED", "OFF_DEVICE_SUSPENDED"),
    ]

    device.practice.device.refresh_from_db()
    providers.reinstate_device(
        device=device.practice.device, by=officer, at=device.now, reason="rien à signaler"
    )
    services.release_envelope(
        envelope=stands(during), reason="poste rendu", by=agent, at=device.now
    )

    assert states(during) == [("APPLIED", "APPLIED")]


def test_a_retired_device_signs_no_more(device, patient) -> None:
    providers.retire_device(device=device.practice.device, by=device.practice.user, at=device.now)
    envelope = device.wait(hours=1).care(patient)

    device.send(envelope)

    assert states(envelope) == [("QUARANTINED", "OFF_DEVICE_STOPPED")]


@pytest.mark.parametrize("lag", [timedelta(days=-1), timedelta(hours=5)])
def test_a_wrong_wall_clock_changes_nothing_when_the_count_is_whole(device, patient, lag) -> None:
    device.lag = lag
    envelope = device.care(patient)

    device.send(envelope, at=device.now + timedelta(hours=1))

    kept = stands(envelope)
    assert (kept.state, kept.flags) == ("APPLIED", ["SKEWED"])
    assert kept.signed_at == world.NOW + timedelta(hours=1)


def test_after_a_restart_the_interval_runs_to_the_arrival(device, patient) -> None:
    envelope = device.care(patient)
    restarted = device.made("care_claim", {}, elapsed_ms=None)["document"]
    restarted |= {"sealed": envelope["document"]["sealed"], "sequence": 1}
    restarted["previous"] = device.practice.device.kid
    signed = device.signed(restarted)

    device.send(signed, at=device.now + timedelta(hours=1))

    kept = stands(signed)
    assert (kept.state, kept.flags) == ("APPLIED", ["REBOOTED"])
    assert (kept.earliest, kept.latest) == (world.NOW, device.now + timedelta(hours=1))


def refused(device: OfflineDevice, patient: Any, **fields: Any) -> tuple[str, str]:
    body = device.body(world.care_document(device.practice, patient))
    envelope = device.keep("care_claim", body, **fields)
    device.send(envelope)
    return states(envelope)[0]


def test_a_clock_before_the_anchor_with_no_count_waits(device, patient) -> None:
    device.lag = timedelta(days=-2)
    assert refused(device, patient, elapsed_ms=None) == ("QUARANTINED", "OFF_CLOCK_BEFORE_ANCHOR")
    assert Incident.objects.get().kind == "CLOCK"


def test_a_count_ahead_of_the_arrival_waits(device, patient) -> None:
    assert refused(device, patient, elapsed_ms=50 * 3_600_000) == ("QUARANTINED", "OFF_CLOCK_AHEAD")


def test_time_going_back_along_the_chain_waits(device, patient) -> None:
    device.wait(hours=2).send(device.care(patient))
    late = refused(device, patient, elapsed_ms=60_000)
    assert late == ("QUARANTINED", "OFF_CLOCK_BACKWARDS")


@pytest.mark.parametrize("forged", ["ours, of another device", "not ours"])
def test_an_anchor_that_is_not_ours_for_this_device_waits(device, patient, forged) -> None:
    other = OfflineDevice(world.practice()).hear()
    anchor = other.anchor if forged == "ours, of another device" else "e30.e30.e30"
    assert refused(device, patient, anchor=anchor) == ("QUARANTINED", "OFF_ANCHOR_INVALID")


def test_an_anchor_of_the_future_waits(device, patient) -> None:
    said = {"device": device.practice.device.kid, "id": str(new_key())}
    future = issued({**said, "at": (device.now + timedelta(days=1)).isoformat()})
    assert refused(device, patient, anchor=future) == ("QUARANTINED", "OFF_ANCHOR_INVALID")


def test_a_day_that_is_not_that_of_the_signature_waits(device, patient) -> None:
    doctor = device.practice
    document = world.prescription_document(
        doctor, patient, [world.medicine()], written_on="2026-11-12"
    )
    envelope = device.keep("prescription", device.body(document))

    device.send(envelope)

    assert states(envelope) == [("QUARANTINED", "OFF_DAY_IMPLAUSIBLE")]
    assert "12/11/2026" in stands(envelope).message["fr"]


def test_beyond_three_days_without_contact_a_person_looks_but_not_in_an_outage(
    device, patient, agent
) -> None:
    device.wait(days=3)
    assert refused(device, patient) == ("QUARANTINED", "OFF_LIMIT_TIME")
    assert Incident.objects.get().kind == "LIMIT"

    providers.declare_outage(
        territory=None, since=world.NOW, until=None, reason="câble", by=agent, at=device.now
    )

    assert refused(device, patient) == ("APPLIED", "APPLIED")


def test_without_any_anchor_nothing_is_believed(device, patient) -> None:
    device.anchor = device.anchored_at = None
    assert refused(device, patient) == ("QUARANTINED", "OFF_LIMIT_TIME")


def test_beyond_an_amount_a_day_for_one_insured_a_person_looks(device, patient) -> None:
    lines = world.care_document(device.practice, patient)["lines"]
    dear = [{**lines[0], "charged": "4900.00"}]
    device.send(device.care(patient, lines=dear))
    assert refused(device.wait(minutes=1), patient) == ("QUARANTINED", "OFF_LIMIT_INSURED_DAY")


def test_a_narcotic_is_not_prescribed_offline(device, patient) -> None:
    drug = world.medicine(inn="MORPHINE")
    document = world.prescription_document(device.practice, patient, [drug])
    document["lines"][0]["days"] = 5
    envelope = device.keep("prescription", device.body(document))

    device.send(envelope)

    assert states(envelope) == [("QUARANTINED", "OFF_LIMIT_PRODUCT")]


def test_an_anchor_is_given_to_an_active_device_of_the_caller_only(device, officer) -> None:
    kid = device.practice.device.kid
    for by in (world.practice().user, device.practice.user):
        if by == device.practice.user:
            revoked(device, officer)
        with pytest.raises(services.AnchorDeviceUnknown):
            services.anchor_device(kid=kid, by=by, at=device.now)
