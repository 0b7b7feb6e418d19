"""The law desk in a browser: a value tried out, its effects measured, proposed, adopted by another."""

import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation
from playwright.sync_api import Page, expect

from accounts.models import Role, User
from claims import services
from claims.models import ShadowLaw
from tests import world
from tests.claims.candidates import RATE, SINCE, STANDARD_ACT
from tests.fraud.filing import care_claim
from tests.journeys.conftest import DESKTOP, PHONE, OpenPage
from tests.office.conftest import with_second_factor

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def officer(role: Role) -> User:
    return with_second_factor(world.user(role))


def says(sentence: str, language: str) -> str:
    """A French source sentence in the language of the page."""
    with translation.override(language):
        return translation.gettext(sentence)


def sound(page: Page, no_serious_finding: Any) -> None:
    """Nothing serious for axe, and nothing wider than the page."""
    no_serious_finding(page)
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0, page.url


def test_a_law_is_tried_out(language: str, open_page: OpenPage, no_serious_finding: Any) -> None:
    for speciality in ("Cardiologie", "Pédiatrie", ""):
        care_claim(world.practice(speciality=speciality))
    author = officer(Role.MEDICAL_OFFICER)
    page = open_page(author, language)

    page.goto(reverse("admin:law"))
    sound(page, no_serious_finding)
    page.set_viewport_size(PHONE)
    sound(page, no_serious_finding)
    page.set_viewport_size(DESKTOP)
    row = page.locator("tr", has_text="rates.standard_act").first
    row.get_by_role("link", name=says("essayer autre chose", language)).click()

    text = page.locator("textarea[name=text]")
    expect(text).to_have_value(re.compile("^description:"))
    page.locator("input[name=name]").fill("Actes à 80 %")
    text.fill(RATE.format(rate="0.80") + "author: x\n")
    page.get_by_role("button", name=says("Enregistrer l’essai", language)).click()
    expect(page.get_by_role("alert")).to_contain_text("rates/standard_act.yaml")
    expect(page.get_by_role("alert")).to_contain_text("unknown key 'author'")
    sound(page, no_serious_finding)
    page.locator("textarea[name=text]").fill(RATE.format(rate="0.80"))
    page.get_by_role("button", name=says("Enregistrer l’essai", language)).click()
    expect(page.locator(".law-diff__line--more").first).to_be_visible()

    page.locator("input[name=since]").fill(SINCE.isoformat())
    page.get_by_role("button", name=says("Mesurer les effets", language)).click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.get_by_role("button", name=says("Mettre en pause", language)).click()
    expect(page.get_by_role("button", name=says("Reprendre", language))).to_be_visible()
    sound(page, no_serious_finding)
    page.get_by_role("button", name=says("Reprendre", language)).click()
    expect(page.get_by_role("button", name=says("Mettre en pause", language))).to_be_visible()
    while services.advance_measures(at=world.NOW):
        pass

    # The page asks by itself, and shows what was found.
    expect(page.locator("canvas.chart")).to_have_count(3)
    expect(page.get_by_text("Cardiologie")).to_be_visible()
    expect(page.get_by_text("24,00").first).to_be_visible()
    drawn = "[...document.querySelectorAll('canvas.chart')].every(each => Chart.getChart(each))"
    assert page.evaluate(drawn)
    sound(page, no_serious_finding)
    with page.expect_download() as workbook:
        page.get_by_role("link", name=says("Télécharger en Excel", language)).click()
    assert workbook.value.suggested_filename == "actes-a-80.xlsx"
    page.get_by_role("button", name=says("Proposer cette loi", language)).click()
    expect(page.get_by_role("button", name=says("Adopter", language), exact=True)).to_have_count(0)

    second = open_page(officer(Role.ADMINISTRATOR), language, PHONE)
    second.goto(page.url)
    sound(second, no_serious_finding)
    second.get_by_role("button", name=says("Adopter", language), exact=True).click()
    expect(second.locator(".office-head")).to_contain_text(says("adoptée", language))
    shadow = ShadowLaw.objects.get()
    assert (shadow.state, shadow.report["difference_centimes"]) == ("ADOPTED", 2_400)
    assert list(shadow.files) == [STANDARD_ACT]
