"""The doctor's story, from the first use of a browser to the confirmation, in both languages."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from claims.models import Claim
from core.numbers import is_fse_number
from prescriptions.models import Prescription
from tests.fraud.filing import care_claim
from tests.journeys.conftest import PHONE, OpenPage
from tests.journeys.practice import CIN, Place, settle

pytestmark = pytest.mark.journey


@pytest.fixture
def place(transactional_db: None) -> Place:
    return settle()


def enrol(page: Page) -> None:
    """Make of this browser a signing device."""
    page.locator("#device-form button[type=submit]").click()
    expect(page.locator("#device-card")).to_be_hidden()


def find_patient(page: Page) -> None:
    expect(page.locator("#find-key")).to_be_visible()
    page.locator("#find-key").focus()
    page.keyboard.type(CIN)
    page.keyboard.press("Enter")
    page.locator("#persons button").first.press("Enter")
    expect(page.locator("#patient")).to_be_visible()


def add_medicine(page: Page, text: str) -> None:
    """Search, take the first, one in the morning for thirty days."""
    page.locator("#medicine").fill(text)
    expect(page.locator("#medicine-list [aria-selected=true]")).to_be_visible()
    page.locator("#medicine").press("Enter")
    page.keyboard.type("1-0-0 30 j")
    page.keyboard.press("Enter")
    expect(page.locator("#medicine")).to_be_focused()


def write(page: Page) -> None:
    """Three medicines and a consultation, by keyboard."""
    add_medicine(page, "gluco")
    page.locator("#rx-lines > li:nth-child(1) [data-field=evening]").fill("1")
    add_medicine(page, "amlor")
    add_medicine(page, "algantil")
    page.keyboard.press("F4")
    page.locator("#act").fill("acte c")
    expect(page.locator("#act-list [aria-selected=true]")).to_be_visible()
    page.locator("#act").press("Enter")
    page.locator("#act-lines [data-field=charged]").fill("200,00")


def review(page: Page) -> None:
    expect(page.locator("#sign")).to_be_enabled()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#review")).to_be_visible()


def test_a_consultation_is_written_signed_and_sent(
    place: Place, open_page: OpenPage, language: str, no_serious_finding: Callable[[Page], None]
) -> None:
    page = open_page(place.doctor.user, language)
    page.goto("/cabinet/")
    no_serious_finding(page)
    enrol(page)
    page.goto("/cabinet/consultation/")
    expect(page.locator("#find-key")).to_be_focused()
    find_patient(page)
    write(page)
    expect(page.locator("#rx-lines .badge:visible")).to_have_count(1)  # one is not reimbursable
    above = page.locator("#rx-lines > li:nth-child(2) .reason").filter(has_text="53,00")
    expect(above).to_be_visible()
    expect(page.locator("#act-lines .rx__money")).to_contain_text("80,00")
    expect(page.locator("#total-reimbursed")).to_have_text(re.compile(r"\d+,\d\d"))
    no_serious_finding(page)
    review(page)
    no_serious_finding(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/feuilles/*/")
    expect(page.locator("#decision > li")).to_have_count(1)
    expect(page.locator("#medicines > li")).to_have_count(3)
    expect(page.locator("#qr")).to_have_js_property("complete", True)
    no_serious_finding(page)
    prescription, claim = Prescription.objects.get(), Claim.objects.get()
    assert is_fse_number(prescription.fse_number)
    assert prescription.fse_number == claim.sheet.fse_number
    assert prescription.items.count() == 3
    assert claim.charged_centimes == 20000
    page.goto("/cabinet/")
    expect(page.locator("#claims .claim-row")).to_have_count(1)


def test_a_sheet_of_acts_alone_has_no_code_for_the_pharmacy(
    place: Place, open_page: OpenPage
) -> None:
    claim = care_claim(place.doctor)
    page = open_page(place.doctor.user)
    page.goto(f"/cabinet/feuilles/{claim.sheet.fse_number}/")
    expect(page.locator("#decision > li")).to_have_count(1)
    expect(page.locator("#qr")).to_be_hidden()
    expect(page.get_by_text("La pharmacie scanne ce code")).to_be_hidden()


def test_a_double_click_sends_once(place: Place, open_page: OpenPage) -> None:
    page = open_page(place.doctor.user)
    page.goto("/cabinet/consultation/")
    enrol(page)
    find_patient(page)
    write(page)
    review(page)
    page.locator("#send").dblclick()
    page.wait_for_url("**/feuilles/*/")
    assert Prescription.objects.count() == 1
    assert Claim.objects.count() == 1


def test_nothing_typed_is_lost_when_the_session_expires(
    place: Place, open_page: OpenPage, language: str
) -> None:
    page = open_page(place.doctor.user, language)
    page.goto("/cabinet/consultation/")
    enrol(page)
    find_patient(page)
    write(page)
    expect(page.locator("#total-reimbursed")).to_have_text(re.compile(r"\d+,\d\d"))
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    review(page)
    page.keyboard.press("Enter")
    notice = page.locator(".notice", has=page.locator("a[target=_blank]:visible"))
    expect(notice).to_be_visible()
    assert Prescription.objects.count() == 0
    page.context.add_cookies([cookie for cookie in cookies if cookie["name"] == "sessionid"])
    notice.locator("[data-act=retry]").click()
    page.wait_for_url("**/feuilles/*/")
    assert Prescription.objects.count() == 1
    assert Claim.objects.count() == 1


def test_what_was_accepted_is_not_sent_again(place: Place, open_page: OpenPage) -> None:
    """The prescription arrives, the claim's answer is lost: trying again sends the claim alone."""
    page = open_page(place.doctor.user)
    page.goto("/cabinet/consultation/")
    enrol(page)
    find_patient(page)
    write(page)
    review(page)
    page.route("**/api/v1/claims", lambda route: route.abort())
    page.keyboard.press("Enter")
    retry = page.locator("[data-act=retry]:visible")
    expect(retry).to_be_visible()
    assert Prescription.objects.count() == 1
    assert Claim.objects.count() == 0
    page.unroute("**/api/v1/claims")
    page.reload()
    expect(page.locator("#rx-state")).not_to_be_empty()
    page.locator("#sign").click()
    page.locator("#send").click()
    page.wait_for_url("**/feuilles/*/")
    assert Prescription.objects.count() == 1
    assert Claim.objects.get().sheet.fse_number == Prescription.objects.get().fse_number


def test_a_draft_survives_a_reload(place: Place, open_page: OpenPage) -> None:
    page = open_page(place.doctor.user)
    page.goto("/cabinet/consultation/")
    find_patient(page)
    write(page)
    page.reload()
    expect(page.locator("#rx-lines > li")).to_have_count(3)
    expect(page.locator("#act-lines [data-field=charged]")).to_have_value("200,00")
    expect(page.locator("#sign")).to_be_disabled()
    expect(page.locator("#device-card")).to_be_visible()


def test_the_browser_mints_the_numbers_the_server_checks(place: Place, open_page: OpenPage) -> None:
    page = open_page(place.doctor.user)
    page.goto("/cabinet/")
    numbers = page.evaluate(
        """async () => {
          const { mintFseNumber } = await import("/static/js/numbers.js");
          return Array.from({ length: 500 }, () => mintFseNumber("7Q4KD"));
        }"""
    )
    assert all(is_fse_number(number) for number in numbers)
    assert len(set(numbers)) == 500


def test_the_phone_shows_all_without_scrolling_sideways(
    place: Place, open_page: OpenPage, language: str, no_serious_finding: Callable[[Page], None]
) -> None:
    page = open_page(place.doctor.user, language, PHONE)
    page.goto("/cabinet/consultation/")
    enrol(page)
    find_patient(page)
    write(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    no_serious_finding(page)
