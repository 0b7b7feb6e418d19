"""A pharmacist with no network: the paper's code verified, priced, dispensed, kept; then it arrives once."""

import re
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Page, expect

from claims.models import Claim, ShownAmount
from core import clock
from core.money import display_dirhams
from prescriptions.models import Dispensing, MedicinePrice, Prescription
from prescriptions.rules import code as codes
from prescriptions.rules.code import PrintedPatient
from sync.models import Envelope
from sync.services import make_pack
from tests import world
from tests.journeys.conftest import OpenPage
from tests.journeys.offline import cut, engine_kept, entries, prepare, restored
from tests.journeys.practice import Place, settle
from tests.journeys.test_doctor import enrol, find_patient, write
from tests.journeys.test_offline_doctor import DOCTOR_PAGES, ENGINE_STARTS, signed_away
from tests.journeys.test_pharmacist import scan_medicine

pytestmark = pytest.mark.journey

COUNTER_PAGES = 3
CODE_OF_SHEET = """async (number) => {
  const { keptSheet } = await import("/static/js/offline/kept.js");
  return (await keptSheet(`sheet:${number}:prescription`)).code;
}"""


@pytest.fixture
def place(transactional_db: None) -> Place:
    return settle()


def at_offline_counter(open_page: OpenPage, practice: world.Practice, language: str = "fr") -> Page:
    page = open_page(practice.user, language)
    page.goto("/pharmacie/")
    enrol(page)
    prepare(page, COUNTER_PAGES)
    engine_kept(page)
    cut(page)
    page.locator("#scan").focus()
    return page


def wedge(page: Page, text: str) -> None:
    page.locator("#scan").focus()
    page.keyboard.insert_text(text)
    page.keyboard.press("Enter")


def dispensed(page: Page, place: Place) -> None:
    """Hand over the three medicines of the paper on the counter."""
    expect(page.locator("#counter")).to_be_visible()
    for line, medicine in enumerate(
        (place.metformin, place.above_base, place.not_covered), start=1
    ):
        scan_medicine(page, medicine.ean, line, "1")
    page.keyboard.press("F6")
    amount = page.locator("#totals [data-t=reimbursed]")
    expect(amount).to_have_text(re.compile(r"\d+,\d\d"), timeout=ENGINE_STARTS)
    expect(page.locator("#validate")).to_be_enabled()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#receipt")).to_be_visible()
    expect(page.locator("#receipt [data-if=isKept]")).to_be_visible()


def test_doctor_and_pharmacist_both_without_network(
    place: Place, open_page: OpenPage, language: str, no_serious_finding: Callable[[Page], None]
) -> None:
    """The doctor's device was enrolled before the pharmacy's pack was made; nothing else was ever online."""
    doctor = open_page(place.doctor.user, language)
    doctor.goto("/cabinet/consultation/")
    enrol(doctor)
    make_pack(by="system:clock", at=clock.now())
    doctor.reload()
    prepare(doctor, DOCTOR_PAGES)
    find_patient(doctor)
    doctor.locator("#change-patient").click()
    cut(doctor)
    doctor.goto("/cabinet/consultation/")
    find_patient(doctor)
    write(doctor)
    signed_away(doctor)
    number = doctor.url.rstrip("/").rsplit("/", 1)[-1]
    code = doctor.evaluate(CODE_OF_SHEET, number)

    counter = at_offline_counter(open_page, place.pharmacy, language)
    wedge(counter, code)
    expect(counter.locator("#notices .notice[data-about=paper]")).to_be_visible()
    no_serious_finding(counter)
    dispensed(counter, place)
    no_serious_finding(counter)
    assert Prescription.objects.count() == Dispensing.objects.count() == 0

    # A new list of prices meanwhile, and the fund keeps what the screen said.
    on_screen = counter.locator("#receipt [data-t=reimbursed]").last.inner_text()
    MedicinePrice.objects.filter(medicine=place.metformin).update(base_price_centimes=100)
    # The pharmacy comes back first: the prescription stands on its paper's copy until the doctor's arrives.
    restored(counter)
    handed = Envelope.objects.get(kind="dispensing")
    assert handed.code == "OFF_PAID_AS_SHOWN"
    assert display_dirhams(handed.claim.reimbursed_centimes) in on_screen
    assert [row.causes for row in ShownAmount.objects.all()] == [["PACK_OLDER"]]
    assert [entry["state"] for entry in entries(counter)] == ["APPLIED"]
    restored(doctor)
    assert {entry["state"] for entry in entries(doctor)} == {"APPLIED"}
    assert Prescription.objects.count() == 1
    assert Dispensing.objects.count() == 1
    assert Claim.objects.count() == 2
    assert Envelope.objects.count() == 3


def test_an_altered_paper_is_refused_without_network(place: Place, open_page: OpenPage) -> None:
    page = open_page(place.pharmacy.user)
    make_pack(by="system:clock", at=clock.now())
    page.goto("/pharmacie/")
    enrol(page)
    prepare(page, COUNTER_PAGES)
    cut(page)
    document = world.second_document(
        place.doctor,
        place.patient,
        [world.prescribed_line(place.metformin)],
        written_on=clock.today().isoformat(),
    )
    printed = PrintedPatient(place.patient.full_name, place.patient.birth_date)
    content, kid = codes.payload(document, printed), place.doctor.device.kid
    told = page.locator("#notices .notice[data-about=scan]")
    wedge(page, "WRQ1:NOT A CODE")
    expect(told).to_be_visible()
    unreadable = told.inner_text()
    wedge(page, codes.sign(content, device=kid, key=ec.generate_private_key(ec.SECP256R1())))
    expect(told).not_to_have_text(unreadable)
    expect(page.locator("#counter")).to_be_hidden()
    wedge(page, codes.sign(content, device=kid, key=place.doctor.key))
    expect(page.locator("#counter")).to_be_visible()
    assert entries(page) == []
