"""A practice's own browser: a profile on disk, its tabs, the modules of the site inside them."""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import BrowserContext, CDPSession, Error, Page, TimeoutError

from accounts.models import User
from config.demo import photographs
from config.demo.doors import Software
from config.embedded import liveness
from config.offline_drill.network import LOOPBACK, Cable

IN_PAGE = Path(__file__).with_name("in_page.js").read_text()
# A wall clock that somebody can move; what counts milliseconds since the page began goes on as it was.
CLOCK = """
(() => {
  globalThis.waraqaSkew = SKEW;
  const Real = Date;
  const moved = () => Real.now() + globalThis.waraqaSkew;
  globalThis.Date = class extends Real {
    constructor(...parts) { if (parts.length) super(...parts); else super(moved()); }
    static now() { return moved(); }
  };
})();
"""
MOVE_CLOCK = "(skew) => { globalThis.waraqaSkew = skew; }"
ARGUMENTS = (*photographs.ARGUMENTS, "--no-first-run", "--disable-dev-shm-usage")
# Nothing of a day hangs on a clock: this ends what will never come. Milliseconds.
PATIENCE = 120_000
# Our worker shows its copy of a page after three seconds: after so long there is no worker. Milliseconds.
HUNG = 60_000
GONE_SECONDS = 10.0

Json = dict[str, Any]
Launch = Callable[..., BrowserContext]


class PageGone(Exception):
    """The page was not there, or was pulled away: nothing was promised on it."""


class BrowserHung(Exception):
    """The browser shows nothing at all.

    Chromium does not time the start of a worker that a debugger is attached to, as Playwright is to every
    one: where the worker's process dies with a tab in the same instant, its start waits for ever.
    """


class Refused(Exception):
    """The page said no, and that nothing was kept."""


@dataclass(frozen=True)
class Staff:
    """Who sits there: the account, the practice, and the page they work on."""

    user: User
    software: Software
    path: str


class Post:
    """One post of one practice.

    `kid` is its device once enrolled; `without_page` tells each time when its page did not come, with or
    without network. `hung` counts the times the browser had to be started again.
    """

    def __init__(self, staff: Staff, *, folder: Path, cable: Cable, launch: Launch) -> None:
        self.staff = staff
        self.kid = ""
        self.without_page: list[str] = []
        self.hung = 0
        self.signed_out = False
        self.offline = False
        self.skew_seconds = 0
        self._folder = folder
        self._cable = cable
        self._base_url = f"http://{LOOPBACK}:{cable.port}"
        self._launch = launch
        self._context: BrowserContext | None = None
        self._page: Page | None = None
        self._full: CDPSession | None = None

    def open(self, *, no_room: bool = False) -> None:
        """Start the browser on its profile, and open the page of the practice.

        `no_room`: the site may store nothing more, until `free_storage`.
        """
        self._context = self._launch(
            self._folder,
            executable_path=photographs.chromium(),
            args=list(ARGUMENTS),
            base_url=self._base_url,
            locale="fr-FR",
            timezone_id=settings.TIME_ZONE,
        )
        self._context.set_default_timeout(PATIENCE)
        self._context.set_offline(self.offline)
        if not self.signed_out:
            self.sign_in()
        page = self._context.new_page()
        if no_room:
            # Before anything is stored: the browser remembers for a while how much room it found.
            self._full = self._context.new_cdp_session(page)
            self._full.send(
                "Storage.overrideQuotaForOrigin", {"origin": self._base_url, "quotaSize": 1}
            )
        self._show(page)

    def sign_in(self) -> None:
        """Sign in as they did this morning: a new session, the same person."""
        cookie = {
            "name": settings.SESSION_COOKIE_NAME,
            "value": _session_of(self.staff.user),
            "url": self._base_url,
            "expires": time.time() + settings.SESSION_COOKIE_AGE,
        }
        self._here.add_cookies([cookie])
        self.signed_out = False

    def lose_session(self) -> None:
        """The session ends; the page stays open."""
        self._here.clear_cookies(name=settings.SESSION_COOKIE_NAME)
        self.signed_out = True

    def go_offline(self, offline: bool) -> None:
        """Pull the cable of this browser, or put it back.

        The browser is told as well, as by its system; alone that would not do: a service worker that
        starts later is not told.
        """
        self.offline = offline
        self._cable.pulled = offline
        self._here.set_offline(offline)

    def move_clock(self, seconds: int) -> None:
        """Have the wall clock off by so much, in the page that is open and in those that follow."""
        self.skew_seconds = seconds
        if self._page is not None:
            with contextlib.suppress(Error):
                self._page.wait_for_load_state("domcontentloaded")
                self._page.evaluate(MOVE_CLOCK, seconds * 1000)

    def reload(self) -> None:
        """Load the page again, in a new tab: what the old one counted is lost."""
        # A browser without any tab forgets its session: the new one is there first.
        page = self._here.new_page()
        self.kill_tab()
        self._show(page)

    def kill_tab(self) -> None:
        """Close the tab at once, asking nobody."""
        if self._page is not None:
            with contextlib.suppress(Error):
                self._page.close(run_before_unload=False)
        self._page = None

    def kill_browser(self) -> None:
        """SIGKILL the browser; the profile stays on disk as it is."""
        pids = _processes_of(self._folder)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        liveness.wait_until_gone(pids, GONE_SECONDS)
        with contextlib.suppress(Error):
            self._here.close()
        self._page = None

    def close(self) -> None:
        """End the day: a page with unsent documents would ask before it lets itself be closed."""
        self.kill_browser()

    def free_storage(self) -> None:
        """Give the site its room back: the browser forgets the limit with the session that set it."""
        if self._full is not None:
            with contextlib.suppress(Error):
                self._full.detach()
        self._full = None

    def second_tab(self) -> "Tab":
        """Open the same page a second time. Raises PageGone."""
        try:
            return Tab(self, self._tab(self._here.new_page()))
        except BrowserHung as hung:
            self._start_again()
            raise PageGone("the browser was started again") from hung

    def do(self, deed: str, **what: Any) -> Json:
        """Do one deed of in_page.js in the first tab. Raises PageGone and Refused."""
        return Tab(self, self._working).do(deed, **what)

    @property
    def name(self) -> str:
        """How this post is called in what the drill says."""
        return self.staff.software.inpe

    @property
    def who(self) -> Json:
        """What in_page.js needs to know of this post."""
        return {
            "user": str(self.staff.user.pk),
            "provider": self.staff.software.inpe,
            "label": "exercice",
            "kid": self.kid,
        }

    @property
    def _here(self) -> BrowserContext:
        if self._context is None:
            raise PageGone("the browser was never opened")
        return self._context

    @property
    def _working(self) -> Page:
        if self._page is None or self._page.is_closed():
            raise PageGone("no tab")
        return self._page

    def _show(self, page: Page) -> None:
        try:
            self._page = self._tab(page)
        except BrowserHung:
            self._start_again()

    def _start_again(self) -> None:
        """As anybody does with a browser that shows nothing."""
        self.hung += 1
        self.kill_browser()
        self.open()

    def _tab(self, page: Page) -> Page:
        """Have the page of the practice in this tab. Raises BrowserHung."""
        page.on("dialog", lambda dialog: dialog.accept())
        page.add_init_script(CLOCK.replace("SKEW", str(self.skew_seconds * 1000)))
        try:
            page.goto(self.staff.path, timeout=HUNG)
        except TimeoutError as hung:
            raise BrowserHung from hung
        except Error as error:
            # A page of the browser, though this one was prepared: nobody can work there.
            if self.kid:
                self.without_page.append(error.message.splitlines()[0])
        return page


class Tab:
    """One tab of a post."""

    def __init__(self, post: Post, page: Page) -> None:
        self._post = post
        self._page = page

    def do(self, deed: str, **what: Any) -> Json:
        """Do one deed in this tab. Raises PageGone and Refused."""
        try:
            answer: Json = self._page.evaluate(
                IN_PAGE, {"deed": deed, "patience": PATIENCE, **self._post.who, **what}
            )
        except Error as error:
            if "NotKept" in error.message:
                raise Refused(error.message) from error
            raise PageGone(error.message) from error
        return answer

    def close(self) -> None:
        """Close this tab at once."""
        with contextlib.suppress(Error):
            self._page.close(run_before_unload=False)


def _session_of(user: User) -> str:
    """Sign a person in without the form; return the session's key."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def _processes_of(profile: Path) -> list[int]:
    """The processes of the browser that has this profile open."""
    named = f"--user-data-dir={profile}".encode()
    found = []
    for entry in liveness.PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if named in (entry / "cmdline").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found
