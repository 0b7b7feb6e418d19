"""The counter with six people waiting: keys counted, presence proved, lines owed, refused, taken elsewhere."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from claims.models import Claim
from core import clock
from insured.models import Insured, PresenceProof
from insured.services import issue_portal_code
from prescriptions.models import Dispensing, Prescription, PrescriptionRequest
from prescriptions.rules import code as codes
from prescriptions.rules.code import PrintedPatient
from prescriptions.rules.tickets import line_secret
from prescriptions.services import cancel_prescription
from tests import world
from tests.journeys.conftest import OpenPage, scan
from tests.journeys.practice import CIN, Place, settle
from tests.journeys.test_pharmacist import at_counter, scan_medicine
from tests.world import Practice

pytestmark = pytest.mark.journey

SECRET = "7KQ2ZD"
MOST_KEYS = 12
COUNT_KEYS = """() => {
  window.presses = [];
  window.mice = 0;
  addEventListener("keydown", (event) => window.presses.push(event.key), true);
  for (const name of ["pointerdown", "mousedown", "click"]) {
    addEventListener(name, (event) => { if (event.isTrusted && event.detail) window.mice += 1; }, true);
  }
}"""


@pytest.fixture
def place(transactional_db: None) -> Place:
    settled = settle()
    Insured.objects.filter(pk=settled.patient.insured_id).update(phone="0612345678")
    return settled


@pytest.fixture
def prescription(place: Place) -> Prescription:
    """Three medicines, a box each, on a paper with a secret."""
    medicines = [place.metformin, place.above_base, place.not_covered]
    lines = [world.prescribed_line(each, boxes=1) for each in medicines]
    document = world.second_document(place.doctor, place.patient, lines, secret=SECRET)
    return world.prescribe(place.doctor, document)


def wedge(page: Page, code: str) -> None:
    """A wedge scanner: its text comes at once, a scan counts as its Enter."""
    page.keyboard.insert_text(code)
    page.keyboard.press("Enter")


def open_paper(page: Page, prescription: Prescription, secret: str = SECRET) -> None:
    scan(page, f"{prescription.fse_number} {secret}")
    expect(page.locator("#counter")).to_be_visible()


def validated(page: Page) -> None:
    expect(page.locator("#validate")).to_be_enabled()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#receipt")).to_be_visible()


def states_of(prescription: Prescription) -> tuple[str, list[str]]:
    prescription.refresh_from_db()
    return prescription.state, [item.state for item in prescription.items.order_by("position")]


def test_three_lines_in_twelve_keys_and_no_mouse(
    place: Place, prescription: Prescription, open_page: OpenPage, language: str
) -> None:
    page = at_counter(open_page, place.pharmacy, language)
    page.evaluate(COUNT_KEYS)

    wedge(page, f"{prescription.fse_number}{SECRET}")
    expect(page.locator("#counter")).to_be_visible()
    wedge(page, place.patient.insured.registration_number)
    expect(page.locator("#presence [data-if=isProved]")).to_be_visible()
    for line, medicine in enumerate((place.metformin, place.generic, place.not_covered), start=1):
        wedge(page, f"010{medicine.ean}1727053110LOT{line}\x1d21SERIE{line}")
        expect(page.locator(f"#lines > tr:nth-child({line}) output")).to_contain_text("1")
    validated(page)
    page.keyboard.press("Enter")
    expect(page.locator("#idle")).to_be_visible()

    presses = page.evaluate("window.presses")
    assert len(presses) <= MOST_KEYS, presses
    assert page.evaluate("window.mice") == 0
    assert states_of(prescription) == ("COMPLETED", ["DISPENSED"] * 3)
    document = Dispensing.objects.get().document
    assert [line["packs"][0]["batch"] for line in document["lines"]] == ["LOT1", "LOT2", "LOT3"]
    assert [line["substitution"] for line in document["lines"]] == [None, "CHEAPER", None]
    assert Claim.objects.count() == 1


def test_the_rest_is_taken_in_another_pharmacy(
    place: Place,
    prescription: Prescription,
    open_page: OpenPage,
    language: str,
    no_serious_finding: Callable[[Page], None],
) -> None:
    """A line out of stock blocks nothing: its ticket alone opens it elsewhere."""
    first = at_counter(open_page, place.pharmacy, language)
    open_paper(first, prescription)
    scan_medicine(first, place.metformin.ean, 1, "1")
    scan_medicine(first, place.not_covered.ean, 3, "1")
    no_serious_finding(first)
    first.keyboard.press("F6")
    validated(first)
    expect(first.locator("#receipt [data-t=left]")).to_contain_text("AMLOR")

    second = at_counter(open_page, place.other_pharmacy, language)
    scan(second, prescription.fse_number)
    expect(second.locator("#notices [data-about=scan]")).to_be_visible()
    scan(second, "AAAAAA")
    expect(second.locator("#counter")).to_be_hidden()
    scan(second, line_secret(SECRET, prescription.fse_number, 2))
    expect(second.locator("#counter")).to_be_visible()
    scan_medicine(second, place.generic.ean, 2, "1")
    validated(second)

    assert states_of(prescription) == ("COMPLETED", ["DISPENSED"] * 3)
    assert {claim.provider_id for claim in Claim.objects.all()} == {
        place.pharmacy.provider.pk,
        place.other_pharmacy.provider.pk,
    }


def test_a_line_owed_and_a_line_refused(
    place: Place,
    prescription: Prescription,
    open_page: OpenPage,
    language: str,
    no_serious_finding: Callable[[Page], None],
) -> None:
    page = at_counter(open_page, place.pharmacy, language)
    open_paper(page, prescription)
    scan_medicine(page, place.metformin.ean, 1, "1")
    page.keyboard.press("F4")
    expect(page.locator("#lines > tr:nth-child(2) [data-if=isOwing]").first).to_be_visible()
    page.keyboard.press("F8")
    expect(page.locator("#why-not")).to_be_visible()
    no_serious_finding(page)
    page.keyboard.press("6")
    expect(page.locator("#lines > tr:nth-child(3) [data-if=isRefused]")).to_be_visible()
    no_serious_finding(page)
    validated(page)

    _state, lines = states_of(prescription)
    assert lines == ["DISPENSED", "OWING", "NOT_DISPENSED"]


def test_presence_raises_the_guarantee(
    place: Place, prescription: Prescription, open_page: OpenPage, language: str
) -> None:
    """The paper's secret is lost: the telephone proves that the insured is there, and opens it."""
    page = at_counter(open_page, place.pharmacy, language)
    scan(page, prescription.fse_number)
    expect(page.locator("#notices .notice[data-about=scan]")).to_be_visible()
    page.keyboard.press("F2")
    sent = page.locator("#notices .notice[data-state=equal] [data-t=more]")
    expect(sent).to_be_visible()
    code = "".join(each for each in sent.inner_text() if each.isascii() and each.isdigit())
    scan(page, f"{(int(code) + 1) % 10**6:06d}")
    expect(page.locator("#notices .notice[data-state=fix]")).to_be_visible()
    scan(page, code)
    expect(page.locator("#counter")).to_be_visible()
    expect(page.locator("#presence .guarantee [data-t=share]")).to_contain_text("100")
    scan_medicine(page, place.metformin.ean, 1, "1")
    expect(page.locator("#presence [data-t=sum]")).to_contain_text("26,39")
    assert PresenceProof.objects.get().level == "ONE_TIME_CODE"


def test_a_phone_s_qr_or_a_word_with_its_reason(
    place: Place, prescription: Prescription, open_page: OpenPage
) -> None:
    page = at_counter(open_page, place.pharmacy)
    open_paper(page, prescription)
    expect(page.locator("#presence [data-if=isMissing]").first).to_be_visible()
    page.keyboard.press("F3")
    page.keyboard.press("2")
    expect(page.locator("#presence .guarantee [data-t=share]")).to_contain_text("50")
    text, _until = issue_portal_code(insured=place.patient.insured, at=clock.now())
    scan(page, text)
    expect(page.locator("#presence .guarantee [data-t=share]")).to_contain_text("100")
    scan(page, text)
    expect(page.locator("#notices .notice[data-state=fix]")).to_be_visible()
    scan(page, CIN)
    expect(page.locator("#notices .notice[data-state=paid]")).to_be_visible()
    assert [proof.level for proof in PresenceProof.objects.order_by("made_at")] == [
        "ATTESTATION",
        "PORTAL_QR",
        "CARD",
    ]


def test_a_box_past_its_day_or_scanned_twice_adds_nothing(
    place: Place, prescription: Prescription, open_page: OpenPage
) -> None:
    page = at_counter(open_page, place.pharmacy)
    open_paper(page, prescription)
    for pack in ("1720010110A", "1799123110A\x1d21S1"):
        scan(page, f"010{place.metformin.ean}{pack}")
    expect(page.locator("#lines > tr:nth-child(1) output")).to_contain_text("1")
    scan(page, f"010{place.metformin.ean}1799123110A\x1d21S1")
    expect(page.locator("#refused .is-refused")).to_be_visible()
    expect(page.locator("#lines output:visible")).to_have_count(1)


def test_a_prescription_cancelled_while_on_the_counter(
    place: Place, prescription: Prescription, open_page: OpenPage
) -> None:
    page = at_counter(open_page, place.pharmacy)
    open_paper(page, prescription)

    answer = cancel_prescription(
        fse_number=prescription.fse_number,
        reason="Allergie signalée",
        by=place.doctor.user,
        at=clock.now(),
    )

    assert answer.outcome == "PENDING"
    page.keyboard.press("Escape")
    expect(page.locator("#idle")).to_be_visible()
    expect(page.locator("#scan")).to_be_focused()
    scan(page, f"{prescription.fse_number}{SECRET}")
    expect(page.locator("#notices .notice[data-state=fix]")).to_be_visible()
    assert states_of(prescription) == ("CANCELLED", ["CANCELLED"] * 3)
    assert not Dispensing.objects.exists()


def test_a_doctor_cancels_while_a_counter_holds_it_and_both_are_told(
    place: Place,
    prescription: Prescription,
    open_page: OpenPage,
    language: str,
    no_serious_finding: Callable[[Page], None],
) -> None:
    counter = at_counter(open_page, place.pharmacy, language)
    counter.clock.install()
    open_paper(counter, prescription)
    name = place.pharmacy.provider.name_ar if language == "ar" else place.pharmacy.provider.name

    doctor = open_page(place.doctor.user, language)
    doctor.goto("/cabinet/ordonnances/")
    row = doctor.locator("#followed .followed")
    expect(row.locator("[data-t=heldBy]")).to_contain_text(name)
    row.locator("[data-if=canCancel]").click()
    expect(doctor.locator("#cancel-dialog")).to_be_visible()
    no_serious_finding(doctor)
    doctor.locator("#cancel-reason").fill("Allergie signalée")
    doctor.keyboard.press("Enter")
    told = doctor.locator("#notices .notice")
    expect(told).to_contain_text(name)
    expect(row.locator("[data-if=canCancel]")).to_be_hidden()
    no_serious_finding(doctor)
    assert states_of(prescription)[0] == "CANCEL_PENDING"

    counter.clock.fast_forward(61_000)
    expect(counter.locator("#notices .notice[data-state=fix]")).to_be_visible()
    with counter.expect_response(lambda answer: answer.request.method == "DELETE"):
        counter.keyboard.press("Escape")
    expect(counter.locator("#idle")).to_be_visible()
    assert states_of(prescription) == ("CANCELLED", ["CANCELLED"] * 3)


def test_a_question_is_answered_in_the_page(
    place: Place,
    prescription: Prescription,
    open_page: OpenPage,
    language: str,
    no_serious_finding: Callable[[Page], None],
) -> None:
    counter = at_counter(open_page, place.pharmacy, language)
    open_paper(counter, prescription)
    counter.keyboard.press("F9")
    counter.locator("#asking-body").fill("Glucophage manque depuis lundi.")
    counter.locator("#asking-form button[type=submit]").press("Enter")
    expect(counter.locator("#notices .notice[data-state=paid]")).to_be_visible()

    doctor = open_page(place.doctor.user, language)
    doctor.goto("/cabinet/demandes/")
    expect(doctor.locator(".request")).to_contain_text("Glucophage manque depuis lundi.")
    expect(doctor.locator(".nav .count")).to_have_text("1")
    no_serious_finding(doctor)
    doctor.locator("textarea").fill("Attendez jeudi.")
    doctor.locator("button[value=NO]").press("Enter")
    expect(doctor.locator(".request .badge")).to_have_attribute("data-state", "fix")

    counter.goto("/pharmacie/demandes/")
    expect(counter.locator(".request")).to_contain_text("Attendez jeudi.")
    expect(counter.locator(".nav .count")).to_have_text("1")
    assert PrescriptionRequest.objects.get().answer == "NO"


def code_of(place: Place, prescription: Prescription, by: Practice) -> str:
    """The code of the paper, signed by a practice's device."""
    printed = PrintedPatient(place.patient.full_name, place.patient.birth_date)
    content = codes.payload(prescription.document, printed)
    return codes.sign(content, device=by.device.kid, key=by.key)


def test_the_code_of_the_paper_opens_it_and_one_signed_by_another_does_not(
    place: Place, prescription: Prescription, open_page: OpenPage, language: str
) -> None:
    page = at_counter(open_page, place.pharmacy, language)

    wedge(page, code_of(place, prescription, world.practice()))
    expect(page.locator("#notices .notice[data-about=scan]")).to_be_visible()
    expect(page.locator("#counter")).to_be_hidden()
    assert states_of(prescription)[0] == "ACTIVE"

    wedge(page, code_of(place, prescription, place.doctor))
    expect(page.locator("#counter")).to_be_visible()
    expect(page.locator("#lines > tr")).to_have_count(3)
    assert states_of(prescription) == ("IN_CUSTODY", ["RESERVED"] * 3)
