"""What was possible on paper once, and no longer is."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from claims import services
from claims.gateways import scan_of
from claims.models import Claim, PaperSheet, PaperTwin
from insured.models import Person
from tests import world
from tests.claims.papers import agent_on_duty, first_sheet, pad_of, receive
from tests.claims.test_paper import electronic, join, met, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor() -> world.Practice:
    world.act("C")
    return world.practice()


@pytest.fixture
def patient() -> Person:
    return world.person()


@pytest.fixture(autouse=True)
def agent() -> Any:
    return agent_on_duty()


@pytest.fixture
def sheet(doctor: world.Practice) -> PaperSheet:
    return first_sheet(pad_of(doctor))


def other_day(doctor: world.Practice, patient: Person) -> list[dict[str, Any]]:
    """The lines of a visit two days before."""
    line = world.care_document(doctor, patient)["lines"][0]
    return [{**line, "care_date": (world.TODAY - timedelta(days=2)).isoformat()}]


def test_a_paper_that_joined_its_claim_swallows_no_other(doctor, patient, sheet, agent) -> None:
    first = electronic(doctor, patient, sheet)
    join(agent, met(first, sheet))

    second = electronic(doctor, patient, sheet, lines=other_day(doctor, patient))

    assert second != first
    assert Claim.objects.count() == 2
    assert not PaperTwin.objects.exists()


def test_one_sheet_joins_one_claim_of_a_professional(doctor, patient, sheet, agent) -> None:
    first = electronic(doctor, patient, sheet)
    second = electronic(doctor, patient, sheet, lines=other_day(doctor, patient))
    join(agent, met(first, sheet))

    refused(services.PaperAlreadyReceived, lambda: join(agent, met(second, sheet)))


def test_what_was_withdrawn_is_keyed_in_again_word_for_word(doctor, patient, sheet, agent) -> None:
    paper = receive(doctor, patient, sheet)
    services.withdraw_paper(paper=paper, reason="par erreur", by=agent, at=world.NOW)

    later = world.NOW + timedelta(minutes=1)
    assert receive(doctor, patient, sheet, at=later).claim != paper.claim


def test_a_telephone_s_picture_with_its_preview_is_a_jpeg() -> None:
    file, page = BytesIO(), Image.new("RGB", (40, 60))
    page.save(file, "MPO", save_all=True, append_images=[page])
    assert scan_of(file.getvalue()).media_type == "image/jpeg"
