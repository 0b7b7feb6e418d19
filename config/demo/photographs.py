"""Photographs of the running demonstration, in both languages and two widths.

A browser signs in with the demo logins through the real pages. What is photographed, and in which
order, is config/demo/tour.py; config/demo/contact_sheet.py puts them side by side.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

LANGUAGES = ("fr", "ar")
WIDTHS = (1280, 360)
LOWEST, TALLEST = {1280: 800, 360: 740}, 6000
PATIENCE = 30_000  # milliseconds: shared machines are slow
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# no sandbox because root has none; nothing that calls home
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Bars that stick to an edge are drawn once, where they end up, when the window is as tall as the page.
HEIGHT = "Math.ceil(document.documentElement.scrollHeight)"
STATEMENT_DPI = 110


@dataclass(frozen=True, slots=True)
class Photograph:
    """One file of the album."""

    screen: str
    language: str
    width: int
    path: Path


@dataclass(slots=True)
class Album:
    """Where the photographs are written, and what was taken so far."""

    folder: Path
    say: Callable[[str], None]
    taken: list[Photograph] = field(default_factory=list)

    def take(self, page: Page, screen: str, language: str) -> None:
        """Photograph `page` as it stands, at every width, without loading it again."""
        for width in WIDTHS:
            path = self.folder / f"{screen}.{language}.{width}.png"
            _fit(page, width)
            page.screenshot(path=path, animations="disabled")
            self.taken.append(Photograph(screen, language, width, path))
            if page.evaluate("document.documentElement.scrollWidth") > width:
                self.say(f"  ! {path.name}: the page is wider than {width} px")
        page.set_viewport_size({"width": WIDTHS[0], "height": LOWEST[WIDTHS[0]]})
        self.say(f"  ✓ {screen} ({language})")

    def take_pdf(self, content: bytes, screen: str, language: str) -> None:
        """Render the first page of a PDF with pdftoppm; without it, say that it is missing."""
        renderer = shutil.which("pdftoppm")
        if renderer is None:
            self.say(f"  - {screen} ({language}): pdftoppm is not installed (poppler-utils)")
            return
        path = self.folder / f"{screen}.{language}.{WIDTHS[0]}.png"
        command = [renderer, "-png", "-singlefile", "-r", str(STATEMENT_DPI), "-"]
        subprocess.run([*command, str(path.with_suffix(""))], input=content, check=True)  # noqa: S603
        self.taken.append(Photograph(screen, language, WIDTHS[0], path))
        self.say(f"  ✓ {screen} ({language})")

    def screens(self) -> list[str]:
        """The names of the screens, in order: each begins with the number of its door."""
        return sorted({each.screen for each in self.taken})


def _fit(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": LOWEST[width]})
    for _twice in range(2):
        page.wait_for_timeout(120)
        height = min(max(page.evaluate(HEIGHT), LOWEST[width]), TALLEST)
        page.set_viewport_size({"width": width, "height": height})
    page.mouse.move(0, 0)
    page.wait_for_timeout(200)


@dataclass(slots=True)
class Visitor:
    """A person at a browser of their own."""

    context: BrowserContext
    page: Page
    base_url: str

    def speak(self, language: str) -> None:
        """Choose the language of the next page, as the button of the top bar does."""
        cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": self.base_url}
        self.context.add_cookies([cookie])

    def open(self, path: str) -> Page:
        """Open a page and wait until nothing loads any more."""
        self.page.goto(path)
        self.page.wait_for_load_state("networkidle")
        return self.page

    def fetch(self, path: str) -> bytes:
        """Return the bytes of a file, as the person would download it."""
        answer = self.context.request.get(path)
        if not answer.ok:
            raise RuntimeError(f"{path}: {answer.status}")
        return answer.body()

    def enter(self, login: str) -> None:
        """Sign in through the page, with the second factor of those who have one."""
        kept = kept_of(login)
        self.give_password(login)
        if "secret" in kept:
            self.give_code(kept["secret"])

    def give_password(self, login: str) -> None:
        """Fill the sign-in page and send it."""
        self.open("/compte/login/")
        self.page.locator("[name=login]").fill(login)
        self.page.locator("[name=password]").fill(kept_of(login)["password"])
        self.page.locator("[name=password]").press("Enter")
        self.page.wait_for_url(lambda url: "/compte/login/" not in url)

    def give_code(self, secret: str) -> None:
        """Fill the second factor's page with the code of the moment and send it."""
        counter = int(time.time()) // app_settings.TOTP_PERIOD
        self.page.locator("[name=code]").fill(format_hotp_value(hotp_value(secret, counter)))
        self.page.locator("[name=code]").press("Enter")
        self.page.wait_for_url(lambda url: "/second-facteur/" not in url)


def kept_of(login: str) -> dict[str, str]:
    """What the demonstration drew for a login: password, secret of the second factor."""
    keyring = settings.VAR_DIR / "demo" / "keyring.json"
    return dict(json.loads(keyring.read_text(encoding="utf-8"))[login])


@dataclass(slots=True)
class Studio:
    """One Chromium for the whole tour; each visitor has a profile of their own."""

    playwright: Playwright
    browser: Browser
    base_url: str

    @contextmanager
    def visitor(self, login: str = "") -> Iterator[Visitor]:
        """Someone with a fresh browser, signed in when `login` is given."""
        context = self.browser.new_context(**_habits(self.base_url))
        yield from self._welcome(context, login)

    @contextmanager
    def at_own_desk(self, login: str) -> Iterator[Visitor]:
        """Someone whose browser keeps its signing key from one run to the next."""
        profile = settings.VAR_DIR / "demo" / "browsers" / login
        context = self.playwright.chromium.launch_persistent_context(
            profile,
            executable_path=chromium(),
            args=ARGUMENTS,
            **_habits(self.base_url),
        )
        context.clear_cookies()
        yield from self._welcome(context, login)

    def _welcome(self, context: BrowserContext, login: str) -> Iterator[Visitor]:
        context.set_default_timeout(PATIENCE)
        visitor = Visitor(context, context.new_page(), self.base_url)
        try:
            visitor.speak("fr")
            if login:
                visitor.enter(login)
            yield visitor
        finally:
            context.close()


def _habits(base_url: str) -> dict[str, Any]:
    size = {"width": WIDTHS[0], "height": LOWEST[WIDTHS[0]]}
    return {"base_url": base_url, "viewport": size, "locale": "fr-FR", "reduced_motion": "reduce"}


def chromium() -> str | None:
    """The Chromium named by CHROMIUM, the machine's, or None for the one Playwright installed."""
    named = os.environ.get("CHROMIUM")
    return named or next((found for found in map(shutil.which, CHROMIUMS) if found), None)


@contextmanager
def studio(playwright: Playwright, base_url: str) -> Iterator[Studio]:
    """Open the browser, close it in the end."""
    browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
    try:
        yield Studio(playwright, browser, base_url)
    finally:
        browser.close()
