"""Paper and screen at the same instant, against PostgreSQL with threads of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from accounts.models import Role
from claims.models import Claim, PaperFile, PaperPad, PaperSheet, PaperTwin
from claims.services import PadsEnough, PaperAlreadyReceived, PaperLooksReceived
from core.errors import DomainError
from tests import world
from tests.claims.papers import first_sheet, pad_of, receive

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call gave, its refusal included, all released together."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=20)
            return call()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.parametrize("attempt", range(3))  # a race is lost now and then only
def test_two_agents_key_the_same_sheet_in(attempt) -> None:
    world.act("C")
    doctor, patient = world.practice(), world.person()
    sheet = first_sheet(pad_of(doctor))
    agents = [world.user(Role.AGENT) for _each in range(2)]

    answers = at_once(*(lambda by=by: receive(doctor, patient, sheet, by=by) for by in agents))

    assert sorted(type(each).__name__ for each in answers) == [
        PaperAlreadyReceived.__name__,
        PaperFile.__name__,
    ]
    assert (Claim.objects.count(), PaperFile.objects.count()) == (1, 1)


def test_two_agents_key_it_in_for_two_patients() -> None:
    world.act("C")
    doctor, patients = world.practice(), [world.person() for _each in range(2)]
    sheet = first_sheet(pad_of(doctor))
    agent = world.user(Role.AGENT)

    at_once(*(lambda who=who: receive(doctor, who, sheet, by=agent) for who in patients))

    assert (Claim.objects.count(), PaperFile.objects.count()) == (1, 1)


@pytest.mark.parametrize("attempt", range(3))
def test_the_paper_and_its_twin_at_the_same_instant_are_one_claim(attempt) -> None:
    world.act("C")
    doctor, patient = world.practice(), world.person()
    sheet = first_sheet(pad_of(doctor))
    agent = world.user(Role.AGENT)
    document = world.care_document(doctor, patient, fse_number=sheet.fse_number)

    paper, claim = at_once(
        lambda: receive(doctor, patient, sheet, by=agent), lambda: world.submit(doctor, document)
    )

    assert paper.claim == claim == Claim.objects.get()
    assert PaperFile.objects.get().state == "MERGED"
    assert PaperSheet.objects.get(pk=sheet.pk).state == "MERGED"
    assert PaperTwin.objects.count() == int(claim.is_from_paper)


def test_two_agents_key_the_same_old_form_in() -> None:
    world.act("C")
    doctor, patient = world.practice(), world.person()
    agent = world.user(Role.AGENT)

    answers = at_once(*[lambda: receive(doctor, patient, None, by=agent)] * 2)

    assert sorted(type(each).__name__ for each in answers) == [
        PaperFile.__name__,
        PaperLooksReceived.__name__,
    ]
    assert Claim.objects.count() == 1


def test_two_pads_ordered_at_once_stay_within_the_law() -> None:
    doctor = world.practice()
    pad_of(doctor, 100)

    answers = at_once(*[lambda: pad_of(doctor, 100)] * 2)

    assert {type(each) for each in answers} == {PadsEnough, PaperPad}
    assert PaperPad.objects.count() == 2
