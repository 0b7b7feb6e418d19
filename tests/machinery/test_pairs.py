"""Where openIMIS failed: one paper twice at once, two claims on one ceiling at once. 200 pairs each."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from claims.models import CareSheet, Claim
from claims.services import SheetOfAnother
from config.invariants import checking
from core.errors import DomainError
from tests import world

pytestmark = [pytest.mark.machinery, pytest.mark.django_db(transaction=True)]

PAIRS = 200
CEILING = 300_000
AtOnce = Callable[..., list[Any]]


@pytest.fixture
def at_once() -> Iterator[AtOnce]:
    """Run two calls at the same moment on two connections, kept from pair to pair."""
    barrier = Barrier(2)

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait(timeout=30)
        try:
            return call()
        except DomainError as refusal:
            return refusal

    def close() -> None:
        barrier.wait(timeout=30)
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        yield lambda *calls: list(pool.map(run, calls))
        for ended in [pool.submit(close) for _thread in range(2)]:
            ended.result()


def test_one_document_twice_at_once_is_one_claim(at_once: AtOnce) -> None:
    world.act("C")
    doctor, patients = world.practice(), [world.person() for _ in range(20)]

    failures = []
    for number in range(PAIRS):
        document = world.care_document(doctor, patients[number % len(patients)])
        first, second = at_once(*[lambda document=document: world.submit(doctor, document)] * 2)
        if not isinstance(first, Claim) or first != second:
            failures.append((number, first, second))

    assert failures == []
    assert Claim.objects.count() == CareSheet.objects.count() == PAIRS
    assert broken() == []


def test_one_number_for_two_people_at_once_is_one_sheet(at_once: AtOnce) -> None:
    world.act("C")
    doctor, people = world.practice(), [world.person() for _ in range(20)]

    failures = []
    for number in range(PAIRS):
        fse_number = doctor.mint()
        documents = [
            world.care_document(
                doctor, people[(number + each) % len(people)], fse_number=fse_number
            )
            for each in (0, 1)
        ]
        ends = at_once(
            *(lambda document=document: world.submit(doctor, document) for document in documents)
        )
        if sorted(type(end) for end in ends if not isinstance(end, Claim)) != [SheetOfAnother]:
            failures.append((number, *ends))

    assert failures == []
    assert Claim.objects.count() == CareSheet.objects.count() == PAIRS
    assert broken() == []


def test_two_claims_on_one_ceiling_at_once_stay_under_it(at_once: AtOnce) -> None:
    world.act("PROTHESE", letter="D", coefficient=20_000, ceiling="dental_prosthesis")
    doctors = [world.practice(), world.practice()]
    line = {"position": 1, "act": "PROTHESE", "quantity": 1, "charged": "9000.00"}
    lines = [{**line, "care_date": world.TODAY.isoformat(), "illness": None}]

    failures = []
    for number in range(PAIRS):
        patient = world.person()
        documents = [world.care_document(each, patient, lines=lines) for each in doctors]
        claims = at_once(
            *(
                lambda doctor=doctor, document=document: world.submit(doctor, document)
                for doctor, document in zip(doctors, documents, strict=True)
            )
        )
        amounts = sorted(claim.reimbursed_centimes for claim in claims)
        # Alone, each would get more than half of the ceiling: both together get exactly all of it.
        if sum(amounts) != CEILING or not CEILING // 2 < amounts[1] < CEILING:
            failures.append((number, amounts))

    assert failures == []
    assert broken() == []


def broken() -> list[str]:
    return [each.invariant.id for each in checking.check(at=world.NOW) if not each.holds]
