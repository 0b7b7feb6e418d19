"""A running Waraqa of the drill's own, an invented country in it, and the bad network before it."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.management import call_command
from django.db import connection

from config.drill import stage
from config.drill.cast import BEATS, DESKS, WEB, WORKERS, Cast, free_port
from config.drill.country import Country, found
from config.embedded.addresses import DATABASE, Place
from config.offline_drill.network import LOOPBACK, Network
from core import clock

PROGRAMS = (WEB, WORKERS[0], BEATS[0], DESKS[0])
BROKEN = "waraqa_broken"
TEND_SECONDS = 0.1


@dataclass(frozen=True)
class Site:
    """What a drill holds in its hands."""

    place: Place
    country: Country
    cast: Cast
    network: Network

    @property
    def base_url(self) -> str:
        """The site as devices see it, behind the network."""
        return f"http://{LOOPBACK}:{self.network.port}"

    def ask(self, query: str, parameters: object = None, *, database: str = DATABASE) -> list[Any]:
        """Read the books beside the product."""
        with stage.connect(self.place, database) as books:
            return books.execute(query.encode(), parameters).fetchall()


@contextlib.contextmanager
def site(place: Place, *, seed: str, doctors: int, households: int) -> Iterator[Site]:
    """Have it all within the block; a copy of the untouched country is left for the broken variant."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(stage.servers(place, small_wal=False))
        port = free_port()
        network = Network(port)
        call_command("migrate", verbosity=0)
        country = found(
            base_url=f"http://{LOOPBACK}:{network.port}",
            seed=seed,
            at=clock.now(),
            doctors=doctors,
            households=households,
            at_a_ceiling=0,
        )
        connection.close()
        stage.copy_database(place, BROKEN)
        cast = Cast(place, port=port, seed=seed, names=PROGRAMS)
        stack.callback(cast.stop)
        # Nothing is left to end well: what follows takes the servers away.
        stack.callback(lambda: [cast.kill(name) for name in PROGRAMS])
        cast.start()
        network.start()
        stack.callback(network.stop)
        stack.enter_context(_tended(cast))
        yield Site(place, country, cast, network)


@contextlib.contextmanager
def _tended(cast: Cast) -> Iterator[None]:
    """Start again what died, all along, beside the drill."""
    over = threading.Event()

    def tend() -> None:
        while not over.wait(TEND_SECONDS):
            cast.tend()

    thread = threading.Thread(target=tend, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def wait_until(ready: Callable[[], bool], *, seconds: float) -> bool:
    """Wait until `ready()`, at most so long; tell whether it is."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            return False
        time.sleep(TEND_SECONDS)
    return True
