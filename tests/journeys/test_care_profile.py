"""What the doctor asks once is seen at every counter, and changes what a check says."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from core.models import AuditEvent
from insured.models import CareProfile
from tests import world
from tests.journeys.conftest import PHONE, OpenPage, scan
from tests.journeys.practice import Place, settle
from tests.journeys.test_doctor import add_medicine, enrol, find_patient

pytestmark = pytest.mark.journey


@pytest.fixture
def place(transactional_db: None) -> Place:
    world.medicine(name="CLAMOXYL 1 G", inn="AMOXICILLINE", strength="1", strength_unit="G")
    return settle()


def look(page: Page, name: str) -> None:
    """Leave a picture where somebody asked for pictures."""
    if folder := os.environ.get("CARE_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_answers_are_kept_and_the_check_uses_them(
    place: Place,
    open_page: OpenPage,
    language: str,
    size,
    no_serious_finding: Callable[[Page], None],
) -> None:
    width = "phone" if size else "desk"
    page = open_page(place.doctor.user, language, **({"size": size} if size else {}))
    page.goto("/cabinet/consultation/")
    enrol(page)
    find_patient(page)
    expect(page.locator("#care-chips > *")).to_have_count(2)
    look(page, f"strip-{language}-{width}")

    page.locator("#care-edit").click()
    dialog = page.locator("#care-dialog")
    expect(dialog).to_be_visible()
    page.locator("#care-allergy").fill("amoxi")
    expect(page.locator("#care-allergy-list [aria-selected=true]")).to_be_visible()
    page.locator("#care-allergy").press("Enter")
    expect(page.locator("#care-allergies > li")).to_have_count(1)
    page.locator("#care-pregnant").select_option("yes")
    dialog.locator("button[type=submit]").click()
    expect(dialog.locator("[data-t=fault]")).to_be_visible()
    look(page, f"dialog-{language}-{width}")
    no_serious_finding(page)
    until = timezone.localdate() + timedelta(days=90)
    page.locator("#care-until").fill(until.isoformat())
    page.locator("#care-shares").select_option("no")
    dialog.locator("button[type=submit]").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#care-chips .chip--fix")).to_have_count(2)

    add_medicine(page, "clamoxyl")
    expect(page.locator("#safety-dialog")).to_be_visible()
    profile = CareProfile.objects.get()
    assert profile.allergies == [{"inn": "AMOXICILLINE", "atc": ""}]
    assert (profile.pregnant, profile.breast_feeding, profile.shares_history) == (True, None, False)
    assert profile.holds_until == until
    assert AuditEvent.objects.filter(action="insured.care_profile.read").exists()


def test_the_counter_sees_what_the_doctor_asked(
    place: Place, open_page: OpenPage, language: str, no_serious_finding: Callable[[Page], None]
) -> None:
    CareProfile.objects.create(
        person=place.patient,
        insured=place.patient.insured,
        allergies=[{"inn": "", "atc": "J01C"}],
        shares_history=True,
    )
    today = timezone.localdate().isoformat()
    document = world.prescription_document(
        place.doctor, place.patient, [place.metformin], written_on=today
    )
    prescription = world.prescribe(place.doctor, document, at=timezone.now())
    page = open_page(place.pharmacy.user, language)
    page.goto("/pharmacie/")
    enrol(page)
    page.locator("#scan").focus()
    scan(page, prescription.fse_number)

    expect(page.locator("#care-chips .chip--fix")).to_have_count(1)
    look(page, f"counter-{language}")
    no_serious_finding(page)
    page.locator("#care-edit").click()
    expect(page.locator("#care-allergies > li")).to_have_count(1)
    page.locator("#care-cancel").click()
    expect(page.locator("#care-dialog")).to_be_hidden()
