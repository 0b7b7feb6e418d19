"""What a day without a reliable network brings, drawn from the seed: each strikes, and says so."""

import contextlib
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from config.drill.striking import Kind, Striking
from config.offline_drill.browsers import PageGone, Post
from config.offline_drill.day import Day

ENVELOPES = "/api/v1/sync/envelopes"
ANCHORS = "/api/v1/sync/anchors"
CLOCKS = (-86_400, -3_600, -90, 90, 3_600, 86_400)
MOMENT_SECONDS = 0.25


@dataclass
class Faults(Striking):
    """The faults of one day: each kind once, then by weight."""

    day: Day
    draw: Random
    counts: Counter[str] = field(default_factory=Counter)
    _first_round: list[Kind] = field(default_factory=list)

    @property
    def _all(self) -> list[Kind]:
        return [
            ("cable pulled or put back", self._cable, 14),
            ("network cut or back", self._cut, 6),
            ("server killed", self._server, 2),
            ("answers lost", self._lost, 14),
            ("answers torn", self._torn, 6),
            ("tab killed in mid-save", self._mid_save, 10),
            ("tab killed in mid-sync", self._mid_sync, 10),
            ("browser killed", self._browser, 4),
            ("page loaded again", self._reload, 8),
            ("clock moved", self._clock, 6),
            ("service worker updated in mid-sync", self._worker, 5),
            ("storage full", self._full, 4),
            ("session expired or back", self._session, 6),
            ("two tabs", self._two_tabs, 8),
        ]

    def end(self) -> None:
        """The evening: network, sessions and clocks are right again."""
        self.day.site.network.heal()
        for post in self.day.posts:
            with contextlib.suppress(PageGone):
                post.go_offline(False)
            if post.signed_out:
                post.sign_in()
            post.move_clock(0)
            post.reload()

    def _anybody(self) -> Post:
        return self.draw.choice(self.day.posts)

    def _cable(self) -> str:
        post = self._anybody()
        post.go_offline(not post.offline)
        return f"{post.name} is {'off' if post.offline else 'on'} line"

    def _cut(self) -> str:
        network = self.day.site.network
        network.cut = not network.cut
        return "nothing gets through" if network.cut else "through again"

    def _server(self) -> str:
        self.day.site.kill_server()
        return "it starts again by itself"

    def _lost(self) -> str:
        return self._spoiled("lost")

    def _torn(self) -> str:
        return self._spoiled("torn")

    def _spoiled(self, how: str) -> str:
        """Spoil the next answers, then have somebody send."""
        times = self.draw.randrange(1, 4)
        path = self.draw.choices((ENVELOPES, ANCHORS), (4, 1))[0]
        self.day.site.network.spoil(how, path, times)
        return f"the next {times} of {path}; {self.day.send(self._anybody())}"

    def _mid_save(self) -> str:
        """Begin to keep a document and kill the tab: kept or not, nobody was told."""
        post = self.day.anybody()
        post.do("begin", **self.day.next_document(post))
        time.sleep(self.draw.uniform(0, MOMENT_SECONDS))
        post.reload()
        return post.name

    def _mid_sync(self) -> str:
        post = self._anybody()
        post.do("send")
        time.sleep(self.draw.uniform(0, MOMENT_SECONDS))
        post.reload()
        return post.name

    def _browser(self) -> str:
        """SIGKILL a browser in mid-save; the profile on disk is all that stays."""
        post = self.day.anybody()
        post.do("begin", **self.day.next_document(post))
        time.sleep(self.draw.uniform(0, MOMENT_SECONDS))
        post.kill_browser()
        post.open()
        return post.name

    def _reload(self) -> str:
        post = self._anybody()
        post.reload()
        return post.name

    def _clock(self) -> str:
        post = self._anybody()
        post.move_clock(0 if post.skew_seconds else self.draw.choice(CLOCKS))
        return f"{post.name} lives {post.skew_seconds:+d} s from now"

    def _worker(self) -> str:
        """A new release meets a sending under way."""
        post = self._anybody()
        self.day.site.network.edition += 1
        post.do("send")
        answer = post.do("update")
        return f"{post.name}, {'a worker to update' if answer['found'] else 'no worker yet'}"

    def _full(self) -> str:
        """The disk has no room: what cannot be kept must not be called kept."""
        post = self.day.anybody()
        post.kill_browser()
        post.open(no_room=True)
        try:
            told = self.day.keep(post, self.day.next_document(post))
        finally:
            post.free_storage()
            post.reload()
        return f"{post.name}, {told}"

    def _session(self) -> str:
        post = self._anybody()
        if post.signed_out:
            post.sign_in()
        else:
            post.lose_session()
        return f"{post.name} is signed {'out' if post.signed_out else 'in again'}"

    def _two_tabs(self) -> str:
        """Two tabs keep at once: one chain, no number twice."""
        post = self.day.anybody(papers=2)
        first, second = self.day.next_document(post), self.day.next_document(post)
        tab = post.second_tab()
        try:
            post.do("begin", **first)
            told = [self.day.keep(tab, second), self.day.keep(post, first, deed="ended")]
        finally:
            tab.close()
        return f"{post.name}, {' and '.join(told)}"
