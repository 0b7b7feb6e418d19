"""A doctor with no network: from the first patient of the visit to the last, then everything arrives once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from claims.models import Claim
from core import clock
from prescriptions.models import Prescription
from sync.models import Envelope
from sync.services import make_pack
from tests.journeys.conftest import PHONE, OpenPage
from tests.journeys.offline import PIN, cut, engine_kept, entries, prepare, restored
from tests.journeys.practice import Place, settle
from tests.journeys.test_doctor import enrol, find_patient, review, write

pytestmark = pytest.mark.journey

DOCTOR_PAGES = 5
ENGINE_STARTS = 60_000  # milliseconds, on a machine that does other work
KEY_GONE = 21_000  # milliseconds: longer than a closing page's key waits for the next page
CUT = "(place) => place.scrollWidth - place.clientWidth"
TRIES = """async (pins) => {
  const { unlock } = await import("/static/js/offline/lock.js");
  const left = [];
  for (const pin of pins) left.push((await unlock(document.body.dataset.owner, pin)).left);
  return left;
}"""
KEPT_HERE = """async () => {
  const { hasPin } = await import("/static/js/offline/lock.js");
  const { readAll } = await import("/static/js/offline/store.js");
  return [(await readAll("patients")).length, await hasPin(document.body.dataset.owner)];
}"""


@pytest.fixture
def place(transactional_db: None) -> Place:
    settled = settle()
    make_pack(by="system:clock", at=clock.now())
    return settled


def prepared(open_page: OpenPage, place: Place, language: str = "fr", **more: object) -> Page:
    """The one visit online: the device is enrolled, the PIN chosen, the patient seen once."""
    page = open_page(place.doctor.user, language, **more)
    page.goto("/cabinet/consultation/")
    enrol(page)
    prepare(page, DOCTOR_PAGES)
    find_patient(page)
    page.locator("#change-patient").click()
    return page


def signed_away(page: Page) -> None:
    """Sign with no network: the sheet is shown, its code drawn here."""
    review(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/feuilles/*/")
    expect(page.locator("[data-if=isKept]")).to_be_visible()
    expect(page.locator("#qr")).to_have_js_property("complete", True)
    assert page.locator("#qr").get_attribute("src").startswith("data:image/svg+xml")


def test_two_patients_with_the_network_off(
    place: Place, open_page: OpenPage, language: str, no_serious_finding: Callable[[Page], None]
) -> None:
    page = prepared(open_page, place, language)
    engine_kept(page)
    cut(page)
    for _patient in range(2):
        page.goto("/cabinet/consultation/")
        find_patient(page)
        expect(page.locator("#patient-chips")).to_contain_text(f"{clock.today():%d/%m/%Y}")
        write(page)
        expect(page.locator("#total-reimbursed")).to_have_text("56,00", timeout=ENGINE_STARTS)
        no_serious_finding(page)
        signed_away(page)
        expect(page.locator("#medicines > li")).to_have_count(3)
        no_serious_finding(page)
    expect(page.locator("#connection")).to_contain_text("4")
    page.set_viewport_size(PHONE)
    page.goto("/file-attente/")
    expect(page.locator("#connection")).to_contain_text("4")
    assert page.locator("#connection [role=status]").evaluate(CUT) <= 0
    expect(page.locator("#entries > li")).to_have_count(4)
    no_serious_finding(page)
    assert Prescription.objects.count() == 0
    restored(page)
    assert [entry["state"] for entry in entries(page)] == ["APPLIED"] * 4
    assert Prescription.objects.count() == Claim.objects.count() == 2
    assert list(Envelope.objects.order_by("sequence").values_list("sequence", flat=True)) == [
        1,
        2,
        3,
        4,
    ]
    assert set(Envelope.objects.values_list("state", flat=True)) == {"APPLIED"}


def test_the_network_goes_while_one_signs(place: Place, open_page: OpenPage) -> None:
    page = prepared(open_page, place)
    page.goto("/cabinet/consultation/")
    find_patient(page)
    write(page)
    review(page)
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    page.wait_for_url("**/feuilles/*/")
    expect(page.locator("[data-if=isKept]")).to_be_visible()
    restored(page)
    assert Prescription.objects.count() == Claim.objects.count() == 1


def test_a_code_opens_and_five_wrong_ones_destroy(
    place: Place, open_page: OpenPage, no_serious_finding: Callable[[Page], None]
) -> None:
    page = prepared(open_page, place, size=PHONE)
    page.context.set_offline(True)
    other = page.context.new_page()
    page.close()
    other.wait_for_timeout(KEY_GONE)
    other.goto("/cabinet/consultation/")
    expect(other.locator("#unlock")).to_be_visible()
    no_serious_finding(other)
    for left in (4, 3):
        other.locator("#unlock-pin").fill("000000")
        other.keyboard.press("Enter")
        expect(other.locator("#unlock [data-t=fault]")).to_contain_text(str(left))
    other.locator("#unlock-pin").fill(PIN)
    other.keyboard.press("Enter")
    expect(other.locator("#find-key")).to_be_visible()
    assert other.evaluate(TRIES, ["000000"] * 5) == [4, 3, 2, 1, 0]
    assert other.evaluate(KEPT_HERE) == [0, False]
