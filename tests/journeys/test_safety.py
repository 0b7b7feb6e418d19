"""A contraindication interrupts the doctor, is answered with a reason, and lets the paper be signed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from prescriptions.models import SafetyAlert
from tests import world
from tests.journeys.conftest import PHONE, OpenPage
from tests.journeys.practice import Place, settle
from tests.journeys.test_doctor import add_medicine, enrol, find_patient

pytestmark = pytest.mark.journey
KEY = "INTERACTION:clarithromycine+simvastatine"


@pytest.fixture
def place(transactional_db: None) -> Place:
    world.medicine(name="ZECLAR 500 MG", inn="CLARITHROMYCINE", strength="500")
    return settle()


def look(page: Page, name: str) -> None:
    """Leave a picture where somebody asked for pictures."""
    if folder := os.environ.get("SAFETY_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_a_contraindication_interrupts_and_is_answered(
    place: Place,
    open_page: OpenPage,
    language: str,
    size,
    no_serious_finding: Callable[[Page], None],
) -> None:
    page = open_page(place.doctor.user, language, **({"size": size} if size else {}))
    page.goto("/cabinet/consultation/")
    enrol(page)
    find_patient(page)
    add_medicine(page, "zocor")
    page.locator("#medicine").fill("zeclar")
    expect(page.locator("#medicine-list [aria-selected=true]")).to_be_visible()
    page.locator("#medicine").press("Enter")

    dialog = page.locator("#safety-dialog")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("rhabdomyolyse")
    expect(page.locator("#sign")).to_be_disabled()
    no_serious_finding(page)
    look(page, f"alert-{language}-{'phone' if size else 'desk'}")

    page.keyboard.press("4")
    expect(dialog).to_be_hidden()
    expect(page.locator("#safety-list > li").first).to_be_visible()
    look(page, f"lines-{language}-{'phone' if size else 'desk'}")

    kept = SafetyAlert.objects.get(key=KEY)
    assert (kept.answer, kept.reason) == ("OVERRIDDEN", "SPECIALIST")
