"""The pharmacist's story at the counter, by keyboard alone, in both languages."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from claims.models import Claim
from prescriptions.models import Dispensing, Prescription
from tests import world
from tests.journeys.conftest import PHONE, OpenPage, scan
from tests.journeys.family import settle as household
from tests.journeys.practice import Place, settle
from tests.journeys.test_doctor import enrol

pytestmark = pytest.mark.journey


@pytest.fixture
def place(transactional_db: None) -> Place:
    return settle()


@pytest.fixture
def prescription(place: Place) -> Prescription:
    """Metformin twice a day, Amlor one box of two, and a medicine that is not reimbursable."""
    medicines = [place.metformin, place.above_base, place.not_covered]
    document = world.prescription_document(place.doctor, place.patient, medicines)
    document["lines"][0] |= {"boxes": 1, "illness": "E11"}
    document["lines"][2]["boxes"] = 1
    return world.prescribe(place.doctor, document)


def at_counter(
    open_page: OpenPage, practice: world.Practice, language: str = "fr", **more: object
) -> Page:
    page = open_page(practice.user, language, **more)
    page.goto("/pharmacie/")
    enrol(page)
    page.locator("#scan").focus()
    return page


def opened(page: Page, prescription: Prescription) -> None:
    scan(page, f"WARAQA:{prescription.fse_number}")
    expect(page.locator("#counter")).to_be_visible()


def scan_medicine(page: Page, ean: str, line: int, boxes: str) -> None:
    scan(page, ean)
    expect(page.locator(f"#lines > tr:nth-child({line}) output")).to_contain_text(boxes)


def test_two_lines_in_full_and_one_in_part(
    place: Place,
    prescription: Prescription,
    open_page: OpenPage,
    language: str,
    no_serious_finding: Callable[[Page], None],
) -> None:
    page = at_counter(open_page, place.pharmacy, language)
    no_serious_finding(page)
    opened(page, prescription)
    expect(page.locator("#patient [data-if=isOpen]")).to_be_visible()
    no_serious_finding(page)
    scan_medicine(page, place.metformin.ean, 1, "1")
    scan_medicine(page, place.generic.ean, 2, "1")
    expect(page.locator("#lines > tr:nth-child(2) .badge[data-state=equal]")).to_be_visible()
    scan_medicine(page, place.not_covered.ean, 3, "1")
    scan(page, place.stranger.ean)
    expect(page.locator("#refused .is-refused")).to_contain_text("SIMVASTATINE")
    expect(page.locator("#progress-text")).to_contain_text("3")
    no_serious_finding(page)
    # 33,93 of 45,20 at the generic's base, 25,34 of 36,20, nothing of 18,00: 40,13 is left to pay.
    expect(page.locator("#totals [data-t=toPay]")).to_have_text("40,13")
    expect(page.locator("#validate")).to_be_disabled()
    page.keyboard.press("F6")
    expect(page.locator("#validate")).to_be_enabled()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#receipt")).to_be_visible()
    expect(page.locator("#receipt [data-t=left]")).to_contain_text("AMLOR")
    no_serious_finding(page)
    claim = Claim.objects.get()
    assert claim.third_party_payment
    assert claim.charged_centimes == 4520 + 3620 + 1800
    prescription.refresh_from_db()
    assert [item.boxes_left for item in prescription.items.all()] == [0, 1, 0]
    page.keyboard.press("Enter")
    expect(page.locator("#idle")).to_be_visible()
    expect(page.locator("#scan")).to_be_focused()


def test_the_rest_is_another_claim_of_the_same_sheet(
    place: Place, prescription: Prescription, open_page: OpenPage
) -> None:
    page = at_counter(open_page, place.pharmacy)
    opened(page, prescription)
    scan_medicine(page, place.metformin.ean, 1, "1")
    page.keyboard.press("F6")
    expect(page.locator("#validate")).to_be_enabled()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#receipt")).to_be_visible()
    page.keyboard.press("Enter")
    opened(page, prescription)
    expect(page.locator("#lines > tr:nth-child(1) .badge[data-state=held]:visible")).to_be_visible()
    scan_medicine(page, place.above_base.ean, 2, "1")
    page.keyboard.press("+")
    expect(page.locator("#lines > tr:nth-child(2) output")).to_contain_text("2")
    scan_medicine(page, place.not_covered.ean, 3, "1")
    expect(page.locator("#validate")).to_be_enabled()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#receipt")).to_be_visible()
    assert Claim.objects.count() == 2
    assert {claim.sheet.fse_number for claim in Claim.objects.all()} == {prescription.fse_number}
    prescription.refresh_from_db()
    assert prescription.state == "COMPLETED"


def test_the_second_pharmacy_is_told_who_holds_it(
    place: Place, prescription: Prescription, open_page: OpenPage, language: str
) -> None:
    first = at_counter(open_page, place.pharmacy, language)
    opened(first, prescription)
    second = at_counter(open_page, place.other_pharmacy, language)
    scan(second, prescription.fse_number)
    expect(second.locator("#notices")).to_contain_text(place.pharmacy.provider.name)
    expect(second.locator("#counter")).to_be_hidden()
    with first.expect_response(lambda answer: answer.request.method == "DELETE"):
        first.keyboard.press("Escape")
    expect(first.locator("#idle")).to_be_visible()
    scan(second, prescription.fse_number)
    expect(second.locator("#counter")).to_be_visible()
    assert Dispensing.objects.count() == 0


def test_what_was_scanned_survives_a_lost_answer_and_a_reload(
    place: Place, prescription: Prescription, open_page: OpenPage
) -> None:
    """The server recorded the dispensing, the answer was lost: trying again shows it, once."""
    page = at_counter(open_page, place.pharmacy)
    opened(page, prescription)
    scan_medicine(page, place.metformin.ean, 1, "1")
    page.keyboard.press("F6")
    expect(page.locator("#validate")).to_be_enabled()

    def lose_the_answer(route: object) -> None:
        route.fetch()  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    page.route("**/api/v1/dispensings", lose_the_answer)
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-act=retry]:visible")).to_be_visible()
    assert Dispensing.objects.count() == 1
    page.unroute("**/api/v1/dispensings")
    page.reload()
    expect(page.locator("#lines output").first).to_contain_text("1")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#receipt")).to_be_visible()
    assert Dispensing.objects.count() == 1
    assert Claim.objects.count() == 1


def test_scans_that_are_refused_add_nothing(
    place: Place, prescription: Prescription, open_page: OpenPage, language: str
) -> None:
    page = at_counter(open_page, place.pharmacy, language)
    scan(page, place.metformin.ean)
    expect(page.locator("#notices .notice[data-state=held]")).to_be_visible()
    scan(page, "ABCD-EFGH-JKM0")
    expect(page.locator("#notices .notice[data-state=fix]")).to_be_visible()
    opened(page, prescription)
    scan_medicine(page, place.metformin.ean, 1, "1")
    for code in (place.metformin.ean, "6118999999999", place.stranger.ean):
        scan(page, code)
        expect(page.locator("#refused .code")).to_have_text(code)
    expect(page.locator("#lines output:visible")).to_have_count(1)


def test_three_lines_take_twelve_keys_at_most(
    place: Place, prescription: Prescription, open_page: OpenPage
) -> None:
    """Scans apart, one chord validates and one key goes on to the next patient."""
    page = at_counter(open_page, place.pharmacy)
    page.evaluate("addEventListener('mousedown', () => { document.title = 'mouse'; })")
    opened(page, prescription)
    scan_medicine(page, place.metformin.ean, 1, "1")
    scan_medicine(page, place.above_base.ean, 2, "1")
    scan_medicine(page, place.above_base.ean, 2, "2")
    scan_medicine(page, place.not_covered.ean, 3, "1")
    expect(page.locator("#validate")).to_be_enabled()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#receipt")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#idle")).to_be_visible()
    assert page.title() != "mouse"
    page.goto("/pharmacie/historique/")
    expect(page.locator(".claim-row")).to_have_count(1)
    page.goto("/pharmacie/reglements/")
    expect(page.locator("#statements-empty")).to_be_visible()


def test_the_phone_shows_all_without_scrolling_sideways(
    place: Place,
    prescription: Prescription,
    open_page: OpenPage,
    language: str,
    no_serious_finding: Callable[[Page], None],
) -> None:
    page = at_counter(open_page, place.pharmacy, language, size=PHONE)
    opened(page, prescription)
    scan_medicine(page, place.metformin.ean, 1, "1")
    scan(page, place.stranger.ean)
    expect(page.locator("#refused .is-refused")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    no_serious_finding(page)


@pytest.mark.parametrize("address", ["/cabinet/", "/cabinet/consultation/", "/pharmacie/"])
def test_each_screen_is_for_its_role(address: str, place: Place, client: object) -> None:
    owner = place.pharmacy if address.startswith("/pharmacie") else place.doctor
    other = place.doctor if address.startswith("/pharmacie") else place.pharmacy
    client.force_login(owner.user)  # type: ignore[attr-defined]
    assert client.get(address).status_code == 200  # type: ignore[attr-defined]
    client.force_login(other.user)  # type: ignore[attr-defined]
    assert client.get(address).status_code == 403  # type: ignore[attr-defined]
    client.logout()  # type: ignore[attr-defined]
    assert client.get(address).status_code == 302  # type: ignore[attr-defined]


def test_a_settlement_is_listed_with_its_statement(
    transactional_db: None,
    open_page: OpenPage,
    language: str,
    no_serious_finding: Callable[[Page], None],
) -> None:
    paid = household()
    shop = paid.third_party.provider
    page = open_page(shop.members.get().user, language)
    page.goto("/pharmacie/reglements/")
    row = page.locator("#statements .claim-row")
    expect(row).to_have_count(1)
    expect(row.locator(".badge")).to_have_attribute("data-state", "paid")
    no_serious_finding(page)
    with page.expect_download() as download:
        row.locator("[data-document]").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
