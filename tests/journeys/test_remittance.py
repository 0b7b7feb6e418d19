"""What was paid and how long it takes: the provider's statements, the clock, the office's delays."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Page, Route, expect

from accounts.models import Role
from core.money import display_dirhams, format_dirhams
from payments.models import PaymentOrder
from tests import world
from tests.journeys import family
from tests.journeys.conftest import DESKTOP, PHONE, OpenPage
from tests.journeys.family import Family
from tests.office.conftest import with_second_factor
from tests.payments import factories

pytestmark = pytest.mark.journey
SHEETS = {
    "fr": ("Lignes", "Totaux", "Remboursé", "Montant du virement", "Numéro FSE"),
    "ar": ("الأسطر", "المجاميع", "مبلغ التعويض", "مبلغ التحويل", "رقم الورقة"),
}


@pytest.fixture
def home(transactional_db: None) -> Family:
    return family.settle()


def downloaded(page: Page, link: Any) -> bytes:
    with page.expect_download() as download:
        link.click()
    return download.value.path().read_bytes()


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1280"])
def test_a_provider_takes_the_paper_and_the_workbook_of_a_transfer(
    home: Family,
    open_page: OpenPage,
    language: str,
    size: dict[str, int],
    no_serious_finding: Callable[[Page], None],
) -> None:
    lines, totals, reimbursed, transfer, number = SHEETS[language]
    claim = home.third_party
    order = PaymentOrder.objects.get(provider=claim.provider, state="PAID")
    page = open_page(claim.provider.members.get().user, language, size=size)
    page.goto("/pharmacie/reglements/")
    row = page.locator("#statements .claim-row")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(display_dirhams(order.amount_centimes))
    no_serious_finding(page)
    fits(page)

    paper = downloaded(page, row.locator("[data-document]"))
    book = downloaded(page, row.locator("[data-workbook]"))

    assert paper.startswith(b"%PDF")
    frames = pd.read_excel(BytesIO(book), sheet_name=None)
    assert list(frames) == [lines, totals]
    assert [round(each * 100) for each in frames[lines][reimbursed]] == [
        line.reimbursed_centimes for line in claim.decisions.get(n=claim.decision_n).lines.all()
    ]
    assert set(frames[lines][number]) == {claim.sheet.fse_number}
    assert [round(each * 100) for each in frames[totals][transfer]] == [order.amount_centimes] * 2


def test_statements_are_searched_and_taken_together(
    home: Family, open_page: OpenPage, language: str
) -> None:
    claim = home.third_party
    order = PaymentOrder.objects.get(provider=claim.provider, state="PAID")
    page = open_page(claim.provider.members.get().user, language)
    page.goto("/pharmacie/reglements/")
    row = page.locator("#statements .claim-row")

    page.locator("#fse_number").fill(claim.sheet.fse_number)
    page.locator("#amount").fill(display_dirhams(order.amount_centimes))
    page.locator("#filters [type=submit]").click()
    page.wait_for_url(f"**/?fse_number={claim.sheet.fse_number}&amount=*")
    expect(row).to_have_count(1)
    assert f"amount={format_dirhams(order.amount_centimes)}" in page.url
    frame = pd.read_excel(BytesIO(downloaded(page, page.locator("#all"))), sheet_name=1)
    assert len(frame) == 2

    page.locator("#amount").fill("0,07")
    page.locator("#filters [type=submit]").click()
    expect(page.locator("#statements-none")).to_be_visible()
    expect(page.locator("#all")).to_be_hidden()
    page.reload()
    expect(page.locator("#amount")).to_have_value("0.07")
    expect(page.locator("#statements-none")).to_be_visible()

    page.locator("#filters [type=reset]").click()
    expect(row).to_have_count(1)
    assert page.url.endswith("/pharmacie/reglements/")


def test_an_answer_that_comes_late_is_not_added_to_the_list(
    home: Family, open_page: OpenPage
) -> None:
    late: list[Route] = []
    page = open_page(home.third_party.provider.members.get().user, "fr")
    page.route("**/api/v1/statements", lambda route: late.append(route))
    page.goto("/pharmacie/reglements/")
    page.locator("#fse_number").fill(home.third_party.sheet.fse_number)
    page.locator("#filters [type=submit]").click()
    row = page.locator("#statements .claim-row")
    expect(row).to_have_count(1)

    with page.expect_response("**/api/v1/statements") as answer:
        late.pop().continue_()
    answer.value.finished()
    page.evaluate("() => new Promise(requestAnimationFrame)")

    expect(row).to_have_count(1)


def test_a_doctor_finds_statements_and_the_clock_of_each_sheet(
    home: Family,
    open_page: OpenPage,
    language: str,
    no_serious_finding: Callable[[Page], None],
) -> None:
    doctor = home.paid.author
    page = open_page(doctor, language)
    page.goto("/cabinet/reglements/")
    expect(page.locator("#statements-empty")).to_be_visible()
    no_serious_finding(page)

    page.goto(f"/cabinet/feuilles/?day={home.paid.received_date.isoformat()}")

    paid = page.locator(".claim-row", has_text=home.paid.sheet.fse_number[:4]).first
    expect(paid.locator("[data-clock]")).to_be_visible()
    states = page.locator("[data-clock]").evaluate_all("all => all.map((one) => one.dataset.state)")
    assert "paid" in states
    words = "Dossier clos" if language == "fr" else "أغلق الملف"
    expect(page.locator("[data-clock][data-state=paid]").first).to_contain_text(words)
    no_serious_finding(page)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1280"])
def test_the_insured_person_sees_who_has_the_ball(
    home: Family,
    open_page: OpenPage,
    language: str,
    size: dict[str, int],
    no_serious_finding: Callable[[Page], None],
) -> None:
    page = open_page(home.user, language, size=size)
    expected = {
        home.paid: ("paid", "Dossier clos", "أغلق الملف"),
        home.held: ("equal", "La CNSS a ce dossier depuis", "الملف لدى الصندوق منذ"),
        home.returned: ("held", "La CNSS attend l’assuré depuis", "ينتظر الصندوق المؤمن له منذ"),
    }
    for claim, (state, french, arabic) in expected.items():
        page.goto(f"/assure/dossiers/{claim.pk}/")
        clock = page.locator("[data-clock]")
        expect(clock).to_have_attribute("data-state", state)
        expect(clock).to_contain_text(french if language == "fr" else arabic)
        assert int(clock.locator("progress").get_attribute("max") or 0) == 90
        no_serious_finding(page)
        fits(page)


def test_the_office_takes_a_batch_and_reads_the_delays(
    home: Family,
    open_page: OpenPage,
    language: str,
    no_serious_finding: Callable[[Page], None],
) -> None:
    batch = home.statement.batch
    page = open_page(with_second_factor(factories.officer()), language)
    page.goto(f"/admin/payments/paymentbatch/{batch.pk}/change/")

    book = downloaded(page, page.locator("a[href*='/avis/']"))

    totals = pd.read_excel(BytesIO(book), sheet_name=1)
    assert round(totals.iloc[-1, -1] * 100) == batch.control_sum_centimes
    page.goto("/admin/delais/")
    expect(page.locator("canvas.chart")).to_have_count(3)
    drawn = page.locator("canvas.chart").first.evaluate(
        "one => Chart.getChart(one).data.datasets.length"
    )
    assert drawn == 2
    no_serious_finding(page)
    frames = pd.read_excel(
        BytesIO(downloaded(page, page.locator("a[href*='format=xlsx']"))), sheet_name=None
    )
    assert len(frames) == 3


def test_the_work_list_shows_what_is_left_of_the_legal_delay(
    home: Family, open_page: OpenPage, language: str
) -> None:
    page = open_page(with_second_factor(world.user(Role.AGENT)), language)

    page.goto("/admin/claims/claim/?queue=held")

    left = "reste" if language == "fr" else "بقي"
    expect(page.locator("#result_list tbody tr")).to_contain_text([left])
    page.goto(f"/admin/claims/claim/{home.held.pk}/change/")
    expect(page.locator("[data-clock]")).to_be_visible()
