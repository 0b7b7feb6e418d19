"""A real browser on the live site: signed-in pages that fail on any script error or CSP violation.

Fixtures: `open_page(user, language)` (a page of a fresh browser, guarded),
`language` (every story runs in French and in Arabic), and `no_serious_finding(page)` (axe).
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
SERIOUS = {"serious", "critical"}
PATIENCE = 15_000  # milliseconds: shared machines are slow
# These pages come again with what is wrong beside the field, and the status that says so.
REFUSING_FORMS = ("/demander/",)
REFUSING_DOORS = ("/api/v1/", "/admin/")
# So do those of the back office, and a refusal of the API is an answer, yet Chromium writes it to the console.
EXPECTED = "Failed to load resource: the server responded with a status of 4"
OFFLINE = "Failed to load resource: net::ERR_"
# With the network off, the probe and the look for a new worker fail: that is how a page knows.
PROBING = ("/sonde/", "/sw.js")

OpenPage = Callable[..., Page]
expect.set_options(timeout=PATIENCE)


@pytest.fixture(params=["fr", "ar"])
def language(request: pytest.FixtureRequest) -> str:
    """Every story is told in both languages."""
    return request.param


class Guard:
    """Collects what no page may do: script errors, CSP violations, failed static files."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.found.append(f"script: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        address = message.location.get("url", "")
        is_answer = any(door in address for door in REFUSING_DOORS) or address.endswith(
            REFUSING_FORMS
        )
        if is_answer and message.text.startswith((EXPECTED, OFFLINE)):
            return
        if address.endswith(PROBING) and message.text.startswith(OFFLINE):
            return
        self.found.append(f"console: {message.text} ({message.location.get('url', '')})")


@pytest.fixture
def open_page(browser: Browser, live_server: Any, transactional_db: None) -> Iterator[OpenPage]:
    """Return `open_page(user, language, size, base_url)`: a page of a new browser profile, signed in."""
    guard = Guard()
    contexts = []

    def opened(
        user: Any, language: str = "fr", size: dict[str, int] = DESKTOP, base_url: str = ""
    ) -> Page:
        url = base_url or live_server.url
        context = browser.new_context(base_url=url, viewport=size, locale="fr-FR")
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        cookies = {settings.LANGUAGE_COOKIE_NAME: language}
        if user is not None:
            cookies[settings.SESSION_COOKIE_NAME] = session_of(user)
        context.add_cookies(
            [{"name": name, "value": value, "url": url} for name, value in cookies.items()]
        )
        context.on("page", guard.watch)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
    assert guard.found == []


def session_of(user: Any) -> str:
    """Sign `user` in without the form; return the session's key."""
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture(scope="session")
def no_serious_finding() -> Callable[[Page], None]:
    """Return the check that axe finds nothing serious or critical on a page."""
    axe = Axe()

    def check(page: Page) -> None:
        violations = axe.run(page).response["violations"]
        serious = {
            violation["id"]: [node["html"][:160] for node in violation["nodes"][:3]]
            for violation in violations
            if violation["impact"] in SERIOUS
        }
        assert serious == {}, f"{page.url}: {serious}"

    return check


def scan(page: Page, code: str) -> None:
    """What a wedge scanner does: it types fast, then presses Enter."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")
