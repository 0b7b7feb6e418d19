"""A prescription written by keyboard: signed and printed, from a key, renewed, a narcotic, a delegate's."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import Role
from prescriptions.models import NarcoticEntry, Preparation, Prescription, Protocol
from prescriptions.services import take_custody
from providers.models import Membership
from tests import world
from tests.journeys.conftest import PHONE, OpenPage
from tests.journeys.practice import Place, settle
from tests.journeys.test_doctor import enrol, find_patient

pytestmark = pytest.mark.journey
# Counts what a person presses; a chord is one gesture.
COUNT_KEYS = """() => {
  window.pressed = 0;
  const shifts = new Set(["Alt", "Control", "Shift"]);
  addEventListener("keydown", (event) => { if (!shifts.has(event.key)) window.pressed += 1; }, true);
  addEventListener("pointerdown", () => { window.pressed += 1000; }, true);
}"""


@pytest.fixture
def place(transactional_db: None) -> Place:
    return settle()


@pytest.fixture
def morphine(place: Place):
    return world.medicine(
        name="SEVREDOL 10 MG", inn="MORPHINE", strength="10", presentation="1 BOITE 14 COMPRIME"
    )


def opened(place: Place, open_page: OpenPage, language: str = "fr", size=None) -> Page:
    """The doctor's page with its patient, keys counted from here."""
    page = open_page(place.doctor.user, language, *([size] if size else []))
    page.goto("/cabinet/consultation/")
    enrol(page)
    find_patient(page)
    page.evaluate(COUNT_KEYS)
    return page


def line(page: Page, number: int) -> Locator:
    return page.locator(f"#rx-lines > li:nth-child({number})")


def add(page: Page, text: str, pattern: str) -> None:
    page.keyboard.type(text)
    expect(page.locator("#medicine-list [aria-selected=true]")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.type(pattern)
    page.keyboard.press("Enter")
    expect(page.locator("#medicine")).to_be_focused()


def sign(page: Page) -> None:
    expect(page.locator("#sign")).to_be_enabled()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#review")).to_be_visible()
    page.keyboard.press("Enter")


def presses(page: Page) -> int:
    return page.evaluate("window.pressed")


def test_written_signed_printed(
    place: Place, open_page: OpenPage, language: str, no_serious_finding: Callable[[Page], None]
) -> None:
    page = opened(place, open_page, language)
    add(page, "glu", "1-0-1 1 mois")
    expect(line(page, 1).locator("[data-field=boxes]")).to_have_value("1")
    add(page, "amlor", "½-0-0 28 j")
    expect(line(page, 2).locator("[data-t=cheaper]")).to_contain_text("AMLODIPINE WIN")
    expect(line(page, 2).locator("[data-t=patient]")).to_have_text("63,86")
    page.locator("[data-add-line=ORDER]").click()
    page.keyboard.type("Glycémie à jeun")
    no_serious_finding(page)
    sign(page)
    page.wait_for_url("**/feuilles/*/")
    expect(page.locator("#medicines > li")).to_have_count(3)
    no_serious_finding(page)
    page.evaluate("window.print = () => { window.printed = true; }")
    page.locator("[data-fse-print]").first.click()
    assert page.evaluate("window.printed")
    prescription = Prescription.objects.get()
    assert prescription.document["version"] == 2
    first, second, order = prescription.items.all()
    assert (first.dose_morning, first.dose_evening, first.duration_days) == ("1", "1", 30)
    assert (second.dose_morning, second.boxes) == ("0.5", 1)
    assert (order.kind, order.order_kind, order.wording) == (
        "ORDER",
        "BIOLOGY",
        "Glycémie à jeun",
    )


def test_an_ordinary_prescription_takes_seconds(place: Place, open_page: OpenPage) -> None:
    """Three letters, Enter, the dose, Enter; sign and confirm. No mouse."""
    page = opened(place, open_page)
    add(page, "glu", "1-0-1 7j")
    expect(page.locator("#sign")).to_be_enabled()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#review")).to_be_visible()
    # Three letters, Enter, eight signs of the dose, Enter, Ctrl Enter; one more Enter signs.
    assert presses(page) == 3 + 1 + 8 + 1 + 1
    page.keyboard.press("Enter")
    page.wait_for_url("**/feuilles/*/")
    assert Prescription.objects.get().items.get().boxes == 1


def test_a_protocol_is_one_key(place: Place, open_page: OpenPage, language: str) -> None:
    lines = [world.prescribed_line(place.metformin, days=30, boxes=1)]
    Protocol.objects.create(
        provider=place.doctor.provider,
        key=3,
        name="Diabète",
        lines=lines,
        written_by=place.doctor.user,
        written_at=world.NOW,
    )
    page = opened(place, open_page, language)
    expect(page.locator("#protocols button")).to_have_count(1)
    page.keyboard.press("Alt+3")
    expect(page.locator("#rx-lines > li")).to_have_count(1)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#review")).to_be_visible()
    assert presses(page) == 2
    page.keyboard.press("Enter")
    page.wait_for_url("**/feuilles/*/")
    assert Prescription.objects.get().items.get().duration_days == 30


def test_lines_are_kept_on_a_key(place: Place, open_page: OpenPage) -> None:
    page = opened(place, open_page)
    add(page, "glu", "1-0-1 1 mois")
    page.locator("#keep-protocol").click()
    page.keyboard.type("Diabète")
    page.keyboard.press("Enter")
    expect(page.locator("#protocols button")).to_contain_text("Diabète")
    assert Protocol.objects.get().key == 1


def test_the_last_one_is_renewed_in_one_gesture_and_one_confirmation(
    place: Place, open_page: OpenPage, language: str
) -> None:
    document = world.prescription_document(
        place.doctor, place.patient, [place.metformin, place.above_base]
    )
    world.prescribe(place.doctor, document)
    page = opened(place, open_page, language)
    page.keyboard.press("F9")
    expect(page.locator("#review-medicines > li")).to_have_count(2)
    assert presses(page) == 1
    page.keyboard.press("Enter")
    page.wait_for_url("**/feuilles/*/")
    old, new = Prescription.objects.order_by("received_at", "id")
    assert [item.medicine for item in old.items.all()] == [
        item.medicine for item in new.items.all()
    ]


def test_a_narcotic_is_refused_for_a_month_and_accepted_for_a_week(
    place: Place, morphine, open_page: OpenPage, language: str
) -> None:
    page = opened(place, open_page, language)
    add(page, "sev", "1-0-1 1 mois")
    expect(line(page, 1).locator(".badge[data-state=fix]")).to_be_visible()
    sign(page)
    expect(page.locator(".notice").filter(has_text="SEVREDOL")).to_be_visible()
    assert Prescription.objects.count() == 0
    days = line(page, 1).locator("[data-field=days]")
    days.fill("7")
    sign(page)
    page.wait_for_url("**/feuilles/*/")
    assert NarcoticEntry.objects.get().number == 1


def test_prescribed_by_substance_and_by_the_cheaper_one(place: Place, open_page: OpenPage) -> None:
    page = opened(place, open_page)
    add(page, "glu", "1-0-1 1 mois")
    line(page, 1).locator("[data-act=inn]").click()
    page.locator("#medicine").focus()
    add(page, "amlor", "1-0-0 28 j")
    line(page, 2).locator("[data-act=cheaper]").click()
    expect(line(page, 2).locator("[data-t=name]")).to_have_text("AMLODIPINE WIN 5 MG")
    sign(page)
    page.wait_for_url("**/feuilles/*/")
    substance, cheaper = Prescription.objects.get().items.all()
    assert (substance.kind, substance.inn, substance.medicine) == ("INN", "METFORMINE", None)
    assert cheaper.medicine == place.generic


def test_what_is_not_understood_is_written_as_it_is(place: Place, open_page: OpenPage) -> None:
    page = opened(place, open_page)
    page.keyboard.type("glu")
    expect(page.locator("#medicine-list [aria-selected=true]")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.type("1 cp si douleur")
    page.keyboard.press("Enter")
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    sign(page)
    page.wait_for_url("**/feuilles/*/")
    item = Prescription.objects.get().items.get()
    assert (item.wording, item.dose_morning) == ("1 cp si douleur", "0")


def test_a_delegate_prepares_and_the_prescriber_signs_in_one_gesture(
    place: Place, open_page: OpenPage, language: str
) -> None:
    delegate = world.user(Role.DELEGATE)
    Membership.objects.create(
        user=delegate,
        provider=place.doctor.provider,
        standing=Membership.Standing.DELEGATE,
        period=world.ALWAYS,
    )
    desk = open_page(delegate, language)
    desk.goto("/cabinet/consultation/")
    find_patient(desk)
    add(desk, "glu", "1-0-1 1 mois")
    expect(desk.locator("#sign")).to_be_enabled()
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#preparations > li")).to_have_count(1)
    assert Prescription.objects.count() == 0

    page = open_page(place.doctor.user, language)
    page.goto("/cabinet/consultation/")
    enrol(page)
    page.locator("#preparations [data-act=open]").click()
    expect(page.locator("#review")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/feuilles/*/")
    assert Preparation.objects.get().prescription == Prescription.objects.get()


def test_the_doctor_sees_what_was_handed_over_and_by_what_it_was_replaced(
    place: Place, morphine, open_page: OpenPage, language: str, no_serious_finding
) -> None:
    lines = [
        world.prescribed_line(place.above_base),
        world.prescribed_line(morphine, days=7),
    ]
    document = world.second_document(place.doctor, place.patient, lines)
    prescription = world.prescribe(place.doctor, document)
    handed = world.dispensing_document(
        place.pharmacy, prescription, [(1, place.generic, 1, "36.20")]
    )
    take_custody(
        fse_number=prescription.fse_number,
        pharmacy=place.pharmacy.provider,
        secret=document["secret"],
        by=place.pharmacy.user,
        at=world.NOW,
    )
    world.dispense(place.pharmacy, handed)
    page = open_page(place.doctor.user, language)
    page.goto("/cabinet/ordonnances/")
    first = page.locator(".followed__lines > li").first
    expect(first).to_contain_text("AMLODIPINE WIN")
    name = place.pharmacy.provider.name_ar if language == "ar" else place.pharmacy.provider.name
    expect(first).to_contain_text(name)
    page.locator("#read-register").click()
    expect(page.locator("#register > li")).to_have_count(1)
    no_serious_finding(page)


def test_the_phone_shows_all_without_scrolling_sideways(
    place: Place, open_page: OpenPage, language: str
) -> None:
    page = opened(place, open_page, language, PHONE)
    add(page, "glu", "1-0-1 1 mois")
    page.locator("[data-add-line=COMPOUND]").click()
    page.keyboard.type("Vaseline 30 g")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
