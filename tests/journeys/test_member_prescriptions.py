"""What the insured person may do to a prescription: free it from a counter, contest what was handed over."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Role
from core import clock
from prescriptions import services
from prescriptions.models import Dispensing, Prescription
from tests import world
from tests.journeys.conftest import DESKTOP, PHONE, OpenPage

pytestmark = pytest.mark.journey

WORDS = {
    "fr": ("Aller dans une autre pharmacie", "Je n’ai pas reçu ceci", "Contester cette délivrance"),
    "ar": ("الذهاب إلى صيدلية أخرى", "لم أتسلم هذا", "الاعتراض على هذا الصرف"),
}


@pytest.fixture
def home(transactional_db: None) -> Any:
    """One prescription: a box handed over by a pharmacy, the rest open at another counter."""
    patient = world.person(first_name="Zineb", last_name="Amellal", name_ar="زينب أملال")
    patient.insured.user = world.user(Role.INSURED)
    patient.insured.save()
    doctor = world.practice(name="Dr Salma Benyahia", name_ar="د. سلمى بنيحيى")
    boxes = [world.medicine(name="AMLOR 5 MG"), world.medicine(name="DOLIPRANE 1000 MG")]
    at, today = clock.now(), timezone.localdate().isoformat()
    document = world.prescription_document(doctor, patient, boxes, written_on=today)
    prescription = world.prescribe(doctor, document, at=at)
    given, held = world.pharmacy(name="Pharmacie de l’Oranger"), world.pharmacy()
    lines = [(1, boxes[0], 2, "150.00")]
    handed = world.dispensing_document(given, prescription, lines, dispensed_on=today)
    world.dispense(given, handed, at=at)
    number = prescription.fse_number
    services.take_custody(fse_number=number, pharmacy=held.provider, by=held.user, at=at)
    return patient.insured.user, prescription


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1280"])
def test_freed_from_a_counter_then_contested(
    home: Any,
    open_page: OpenPage,
    language: str,
    size: dict[str, int],
    no_serious_finding: Callable[[Page], None],
) -> None:
    user, prescription = home
    free, not_received, contest = WORDS[language]
    page = open_page(user, language, size=size)
    page.goto("/assure/ordonnances/")
    no_serious_finding(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page.get_by_role("button", name=free).click()
    expect(page.get_by_role("button", name=free)).to_have_count(0)
    freed = Prescription.objects.get(pk=prescription.pk)
    assert (freed.state, freed.custodian) == ("PARTLY_DISPENSED", None)

    page.get_by_text(not_received).click()
    page.get_by_role("button", name=contest).click()
    expect(page.get_by_role("button", name=contest)).to_have_count(0)
    assert Dispensing.objects.get().state == "DISPUTED"
    no_serious_finding(page)
