"""The insured person's story: what comes, where each file is, why not more, in both languages."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.models import AuditEvent
from tests import world
from tests.journeys import family
from tests.journeys.conftest import DESKTOP, PHONE, OpenPage
from tests.journeys.family import REFUSAL, Family

pytestmark = pytest.mark.journey

FRENCH = {
    "coming": "arrivent au prochain virement.",
    "doctor": "Dr Salma Benyahia",
    "patient": "Zineb Amellal",
    "stages": ["Reçu", "Contrôlé", "Décidé", "Payé"],
    "paid": "vous ont été virés.",
    "why": "le remboursement se calcule sur le tarif de référence",
    "held": ["Reçu", "En contrôle", "Décidé", "Payé"],
    "held_why": "Un agent vérifie ce dossier. Ce contrôle finit le 05/12/2026 au plus tard.",
    "returned": "Virement renvoyé",
    "not_lost": "L’argent n’est pas perdu",
    "refused": "remboursés : ce dossier est refusé.",
    "to_pharmacy": "réglés par la CNSS à Pharmacie de l’Oranger.",
    "empty": "Pas encore de dossier.",
    "looked": "a ouvert un dossier",
}
ARABIC = {
    "coming": "تصل مع التحويل المقبل.",
    "doctor": "د. سلمى بنيحيى",
    "patient": "زينب أملال",
    "why": "يحتسب التعويض على أساس التعريفة المرجعية",
    "to_pharmacy": "صيدلية البرتقال",
}


@pytest.fixture
def home(transactional_db: None) -> Family:
    return family.settle()


@pytest.fixture
def words(language: str) -> dict[str, Any]:
    """What the pages say: written out in French, and in Arabic where nothing else tells it."""
    return FRENCH if language == "fr" else ARABIC


def has_no_french(page: Page) -> None:
    """In Arabic no sentence of ours is left in French; names, and what an officer wrote, may be."""
    text = page.locator("main").inner_text().replace(REFUSAL, "")
    for word in ("Vous", "votre", "dossier", "virement", "Reçu", "Payé", "CNSS rembourse"):
        assert word not in text, text


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1280"])
def test_home_says_what_comes_and_every_page_is_whole(
    home: Family,
    words: dict[str, Any],
    open_page: OpenPage,
    language: str,
    size: dict[str, int],
    no_serious_finding: Callable[[Page], None],
) -> None:
    page = open_page(home.user, language, size=size)
    files = (home.paid, home.held, home.returned, home.refused, home.third_party)

    page.goto("/assure/")

    expect(page.locator("h1")).to_contain_text("56,00")
    expect(page.locator("h1")).to_contain_text(words["coming"])
    expect(page.locator(".tabs" if size == PHONE else ".nav")).to_be_visible()
    for path in [
        "",
        "dossiers/",
        f"dossiers/?personne={home.child.pk}&annee=2026",
        "famille/",
        *(f"dossiers/{claim.pk}/" for claim in files),
    ]:
        page.goto(f"/assure/{path}")
        no_serious_finding(page)
        fits(page)
        if language == "ar":
            has_no_french(page)
    assert page.title().strip() not in {"", "-"}


def test_a_paid_file_is_followed_like_a_parcel_and_gives_its_statement(
    home: Family, words: dict[str, Any], open_page: OpenPage, language: str
) -> None:
    page = open_page(home.user, language, size=PHONE)
    page.goto("/assure/dossiers/")

    page.locator(f"a[href$='{home.paid.pk}/']").click()

    expect(page.locator(".timeline > li")).to_have_count(4)
    expect(page.locator(".timeline .is-next")).to_have_count(0)
    expect(page.locator("main")).to_contain_text(words["doctor"])
    expect(page.locator("main")).to_contain_text(words["patient"])
    expect(page.locator("h1 .figure")).to_contain_text("56,00")
    assert page.locator(".fall .num").all_inner_texts() == [
        "200,00",
        "\u2212120,00",
        "80,00",
        "\u221224,00",
        "56,00",
    ]
    expect(page.locator(".stub .num")).to_have_text("144,00")
    expect(page.locator(".item .reason").first).to_contain_text(words["why"])
    if language == "fr":
        expect(page.locator(".timeline__t")).to_have_text(FRENCH["stages"])
        expect(page.locator("h1")).to_contain_text(FRENCH["paid"])
    with page.expect_download() as download:
        page.locator("a[href$='.pdf']").click()
    assert download.value.suggested_filename == f"decompte-{home.statement.reference}.pdf"
    assert download.value.path().read_bytes().startswith(b"%PDF-")


def test_files_that_wait_come_back_or_are_refused_say_why(
    home: Family, open_page: OpenPage
) -> None:
    page = open_page(home.user, size=PHONE)
    page.goto(f"/assure/dossiers/{home.held.pk}/")
    expect(page.locator(".timeline__t")).to_have_text(FRENCH["held"])
    expect(page.locator(".timeline")).to_contain_text(FRENCH["held_why"])
    page.goto(f"/assure/dossiers/{home.returned.pk}/")
    expect(page.locator(".timeline__t").last).to_have_text(FRENCH["returned"])
    expect(page.locator(".timeline")).to_contain_text("le compte est fermé")
    expect(page.locator(".timeline")).to_contain_text(FRENCH["not_lost"])
    page.goto(f"/assure/dossiers/{home.refused.pk}/")
    expect(page.locator("h1")).to_contain_text(FRENCH["refused"])
    expect(page.locator("h1 .figure")).to_contain_text("0,00")
    expect(page.locator(".timeline")).to_contain_text(REFUSAL)
    expect(page.locator(".fall")).to_have_count(
        0
    )  # what was computed before the refusal is no promise
    page.goto(f"/assure/dossiers/{home.third_party.pk}/")
    expect(page.locator("h1")).to_contain_text(FRENCH["to_pharmacy"])
    expect(page.locator("a[href$='.pdf']")).to_have_count(0)  # the statement is the pharmacy's


def test_filters_stay_in_the_address(home: Family, open_page: OpenPage) -> None:
    page = open_page(home.user, size=PHONE)
    page.goto("/assure/dossiers/")
    expect(page.locator("a.item")).to_have_count(6)

    page.locator("#personne").select_option(str(home.child.pk))
    page.locator("#annee").select_option("2026")
    page.locator(".filters button").click()

    page.wait_for_url(f"**/?personne={home.child.pk}&annee=2026")
    expect(page.locator("a.item")).to_have_count(1)
    expect(page.locator("#personne")).to_have_value(str(home.child.pk))


def test_the_family_page_names_who_looked(home: Family, open_page: OpenPage, language: str) -> None:
    page = open_page(home.paid.author, "fr")
    page.request.get(f"/api/v1/claims/{home.paid.pk}")
    assert AuditEvent.objects.filter(action="claims.claim.read").count() == 1
    page = open_page(home.user, language, size=PHONE)

    page.goto("/assure/famille/")

    expect(page.locator("main")).to_contain_text(home.paid.author.full_name)
    if language == "fr":
        expect(page.locator("main")).to_contain_text(FRENCH["looked"])
    assert AuditEvent.objects.filter(action="claims.claim.read").count() == 1


def test_an_empty_house_and_a_strange_file(home: Family, open_page: OpenPage) -> None:
    newcomer = world.user(world.Role.INSURED)
    page = open_page(newcomer, size=PHONE)
    page.goto("/assure/")
    expect(page.locator("main")).to_contain_text(FRENCH["empty"])

    statuses = [
        page.request.get(path).status
        for path in (
            f"/assure/dossiers/{home.paid.pk}/",
            f"/assure/decomptes/{home.statement.pk}.pdf",
        )
    ]

    assert statuses == [404, 404]
