"""The installed app: what is kept, what never is, and pages that open with the network really off."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE, OpenPage
from tests.journeys.offline import GONE, installed
from tests.journeys.practice import Place, settle

pytestmark = pytest.mark.journey

KEPT_PAGES = """async () => {
  const cache = await caches.open("waraqa-pages");
  return (await cache.keys()).map(({ url }) => new URL(url).pathname).sort();
}"""


@pytest.fixture
def place(transactional_db: None) -> Place:
    return settle()


def kept_pages(page: Page) -> list[str]:
    return page.evaluate(KEPT_PAGES)


def test_the_pages_of_a_work_place_open_without_network(
    place: Place, open_page: OpenPage, language: str, no_serious_finding: Callable[[Page], None]
) -> None:
    page = open_page(place.doctor.user, language)
    page.goto("/cabinet/")
    expect(page.locator("#connection")).to_have_attribute("data-state", "paid")
    installed(page, 5)
    page.context.set_offline(True)
    for address in ("/cabinet/consultation/", "/file-attente/", "/cabinet/"):
        page.goto(address)
        expect(page.locator("#connection")).to_have_attribute("data-state", "offline")
        assert page.evaluate("document.documentElement.lang") == language
    page.goto("/cabinet/demandes/")
    expect(page.locator("#notices .notice[data-about=absent]")).to_be_visible()
    no_serious_finding(page)
    page.context.set_offline(False)
    expect(page.locator("#connection")).to_have_attribute("data-state", "paid")


def test_only_pages_without_data_are_kept(place: Place, open_page: OpenPage) -> None:
    page = open_page(place.pharmacy.user)
    page.goto("/pharmacie/")
    installed(page, 3)
    page.goto("/postes/")
    page.goto("/compte-bancaire/")
    page.goto("/pharmacie/historique/")
    assert kept_pages(page) == ["/file-attente/", "/owner", "/pharmacie/", "/postes/hors-ligne/"]


def test_somebody_else_finds_nothing_kept(place: Place, open_page: OpenPage) -> None:
    page = open_page(place.doctor.user)
    page.goto("/cabinet/")
    installed(page, 5)
    page.locator("details.account summary").click()
    page.locator("form[data-fse-signout] button").click()
    page.wait_for_url(lambda url: url.count("/") == 3, wait_until="load")
    page.evaluate(GONE)


def test_the_queue_says_that_nothing_waits(
    place: Place, open_page: OpenPage, language: str, no_serious_finding: Callable[[Page], None]
) -> None:
    for size in (PHONE, None):
        page = open_page(place.doctor.user, language, **({"size": size} if size else {}))
        page.goto("/file-attente/")
        expect(page.locator("#entries-empty")).to_be_visible()
        no_serious_finding(page)


def test_the_door_without_network_leads_to_what_is_kept(place: Place, open_page: OpenPage) -> None:
    """The session ended and the network goes before the sign-in page came: no dead end."""
    page = open_page(place.doctor.user)
    page.goto("/cabinet/")
    installed(page, 5)
    page.context.set_offline(True)
    page.goto("/compte/login/?next=/cabinet/")
    expect(page.locator("#entries-empty")).to_be_visible()
