"""A doctor who also filled in a paper sheet: the screen bears its number, and the two are paid once."""

import pytest
from playwright.sync_api import Page, expect

from claims.models import Claim, PaperFile, PaperPad, PaperTwin
from core import clock
from prescriptions.models import Prescription
from tests.claims.papers import act_line, code_of, first_sheet, pad_of, receive
from tests.journeys.conftest import OpenPage
from tests.journeys.practice import Place, settle
from tests.journeys.test_doctor import add_medicine, enrol, find_patient, review

pytestmark = pytest.mark.journey

READ = """async (typed) => {
  const { isFseNumber, isPaperNumber, readNumber } = await import("/static/js/numbers.js");
  const { paperFault } = await import("/static/js/doctor/consultation.js");
  return typed.map((paper) => {
    const number = readNumber(paper);
    return [number, isPaperNumber(number) && isFseNumber(number), paperFault({ paper })];
  });
}"""


@pytest.fixture
def place(transactional_db: None) -> Place:
    return settle()


@pytest.fixture
def pad(place: Place) -> PaperPad:
    return pad_of(place.doctor)


def opened(open_page: OpenPage, place: Place) -> Page:
    page = open_page(place.doctor.user)
    page.goto("/cabinet/consultation/")
    enrol(page)
    find_patient(page)
    return page


def add_consultation(page: Page) -> None:
    page.locator("#act").fill("acte c")
    expect(page.locator("#act-list [aria-selected=true]")).to_be_visible()
    page.locator("#act").press("Enter")
    page.locator("#act-lines [data-field=charged]").fill("200,00")


def scanned(page: Page, text: str) -> None:
    """What a reader that types like a keyboard sends, Enter at the end."""
    page.locator("#paper-sheet summary").click()
    page.locator("#paper-number").focus()
    page.keyboard.insert_text(text)
    page.keyboard.press("Enter")


def sign(page: Page) -> None:
    review(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/feuilles/**")
    expect(page.locator("#sheet")).to_be_visible()


def test_the_browser_reads_a_paper_s_number_as_the_server_does(
    place: Place, pad: PaperPad, open_page: OpenPage
) -> None:
    page = open_page(place.doctor.user)
    page.goto("/cabinet/")
    sheet = first_sheet(pad)
    number = sheet.fse_number
    last = "0" if number[-1] != "0" else "1"
    code = code_of(sheet)
    spaced = f" {number[:4].lower()} {number[4:8]}-{number[8:]} "

    found = page.evaluate(READ, [number, spaced, code, f"{code.lower()} \n"])
    assert found == [[number, True, None]] * 4

    wrong = [number[:-1] + last, number[:-1], code[:-1], "7Q4KD0000000"]
    assert [each[1:] for each in page.evaluate(READ, wrong)] == [
        [False, "paperWrong"],
        [False, "paperUnread"],
        [False, "paperUnread"],
        [False, "paperUnread"],
    ]
    device_number = page.evaluate(
        "async () => (await import('/static/js/numbers.js')).mintFseNumber('7Q4KD')"
    )
    assert page.evaluate(READ, [device_number])[0][1:] == [False, "paperElectronic"]


def test_the_screen_after_its_paper_is_told_so_and_counts_once(
    place: Place, pad: PaperPad, open_page: OpenPage
) -> None:
    sheet = first_sheet(pad)
    line = act_line(care_date=clock.today())
    paper = receive(
        place.doctor,
        place.patient,
        sheet,
        at=clock.now(),
        deposited_on=clock.today(),
        lines=(line,),
    )
    page = opened(open_page, place)
    scanned(page, code_of(sheet)[:-1])
    expect(page.locator("#sign")).to_be_disabled()
    page.locator("#paper-number").fill("")
    add_consultation(page)
    page.locator("#paper-number").fill(sheet.fse_number)
    sign(page)

    assert sheet.fse_number in page.url
    told = page.locator("#notices .notice[data-about=paper]")
    expect(told).to_contain_text("elle ne sera pas payée deux fois")
    assert (Claim.objects.count(), PaperTwin.objects.count()) == (1, 1)
    assert PaperFile.objects.get(pk=paper.pk).state == "MERGED"


def test_a_scanned_number_goes_to_the_care_sheet_and_not_to_the_prescription(
    place: Place, pad: PaperPad, open_page: OpenPage
) -> None:
    sheet = first_sheet(pad)
    page = opened(open_page, place)
    add_medicine(page, "gluco")
    scanned(page, code_of(sheet))
    expect(page.locator("#paper-number")).to_have_value(
        " ".join(sheet.fse_number[at : at + 4] for at in (0, 4, 8))
    )
    expect(page.locator("#sign-why")).to_contain_text("Ajoutez l’acte")
    add_consultation(page)
    sign(page)

    prescription, claim = Prescription.objects.get(), Claim.objects.get()
    assert claim.sheet.fse_number == sheet.fse_number
    assert prescription.fse_number != sheet.fse_number
    assert f"/feuilles/{prescription.fse_number}/" in page.url
    expect(page.locator("#medicines > li")).to_have_count(1)
    expect(page.locator("#decision > li")).to_have_count(1)
    expect(page.locator("[data-if=paperNumber]")).to_be_visible()

    line = act_line(care_date=clock.today())
    paper = receive(
        place.doctor,
        place.patient,
        sheet,
        at=clock.now(),
        deposited_on=clock.today(),
        lines=(line,),
    )
    assert (paper.claim_id, paper.state) == (claim.pk, "MERGED")
    assert Claim.objects.count() == 1
