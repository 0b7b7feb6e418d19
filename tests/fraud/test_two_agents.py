"""Two agents, two real connections, one held claim: one decides, the other is told."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import Role
from claims.models import Claim
from core.errors import DomainError
from core.models import Transition
from fraud import services
from fraud.models import HoldDecision, Signal
from tests import world
from tests.fraud.filing import care_claim, screened

pytestmark = pytest.mark.django_db(transaction=True)

LATER = world.NOW + timedelta(hours=1)


def at_once(*deeds: Callable[[], None]) -> list[str]:
    """Run deeds on their own connections, released at the same moment; codes of what was refused."""
    gate = threading.Barrier(len(deeds))
    refusals: list[str] = []

    def run(deed: Callable[[], None]) -> None:
        try:
            gate.wait()
            deed()
        except DomainError as refusal:
            refusals.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refusals


def test_two_agents_decide_one_file_once() -> None:
    claim = screened(care_claim(patient=world.person(death_date=date(2026, 11, 1))))
    agents = [world.user(Role.AGENT), world.user(Role.FRAUD_OFFICER)]
    moves = Transition.objects.count()

    def deed(service: Callable[..., None], agent: Any) -> Callable[[], None]:
        return lambda: service(claim=claim, reason="vérifié", by=agent, at=LATER)

    refusals = at_once(
        deed(services.release_hold, agents[0]), deed(services.refuse_hold, agents[1])
    )
    assert refusals == ["HOLD_ALREADY_ENDED"]
    ended = HoldDecision.objects.get()
    expected = "APPROVED" if ended.verdict == "RELEASED" else "DENIED"
    assert Claim.objects.get(pk=claim.pk).state == expected
    assert Transition.objects.count() == moves + 1


def test_two_workers_screen_one_claim_once() -> None:
    claim = care_claim(patient=world.person(death_date=date(2026, 11, 1)))

    def screen() -> None:
        services.screen_claims(subject_ids=[claim.pk], at=LATER)

    assert at_once(screen, screen) == []
    assert Signal.objects.count() == 1
    assert Claim.objects.get(pk=claim.pk).state == "HELD"


def test_two_equal_claims_screened_at_once_do_not_both_pass() -> None:
    doctor, patient = world.practice(), world.person()
    claims = [care_claim(doctor, patient), care_claim(doctor, patient)]
    deeds = [
        lambda key=claim.pk: services.screen_claims(subject_ids=[key], at=LATER) for claim in claims
    ]
    assert at_once(*deeds) == []
    states = [Claim.objects.get(pk=claim.pk).state for claim in claims]
    assert states == ["APPROVED", "HELD"]


def test_a_person_and_the_clock_end_one_hold_once() -> None:
    claim = screened(care_claim(patient=world.person(death_date=date(2026, 11, 1))))
    assert claim.held_until is not None
    last = claim.held_until
    agent = world.user(Role.AGENT)
    refusals = at_once(
        lambda: services.release_hold(claim=claim, reason="vu", by=agent, at=last),
        lambda: services.end_holds(at=last),
    )
    ended = HoldDecision.objects.get()
    told = {"RELEASED": ("APPROVED", []), "EXPIRED": ("IN_REVIEW", ["HOLD_ALREADY_ENDED"])}
    assert (Claim.objects.get(pk=claim.pk).state, refusals) == told[ended.verdict]
