"""A running Waraqa of the drill's own, an invented country in it, and the bad network before it."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.management import call_command
from django.db import connection

from config.drill import stage
from config.drill.cast import BEATS, DESKS, WEB, WORKERS, Cast, answers, free_port
from config.drill.country import Country, found
from config.embedded.addresses import DATABASE, Place
from config.embedded.processes import die_with_parent
from config.offline_drill.network import LOOPBACK, Network
from core import clock

PROGRAMS = (WEB, WORKERS[0], BEATS[0], DESKS[0])
BROKEN = "waraqa_broken"
TEND_SECONDS = 0.1
READY_SECONDS = 120.0


@dataclass(frozen=True)
class Site:
    """What a drill holds in its hands."""

    place: Place
    country: Country
    network: Network
    keeper: int

    @property
    def base_url(self) -> str:
        """The site as devices see it, behind the network."""
        return f"http://{LOOPBACK}:{self.network.port}"

    def kill_server(self) -> None:
        """SIGKILL the web server and its children; it is started again after a second."""
        os.kill(self.keeper, signal.SIGUSR1)

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
        keeper = stack.enter_context(_kept_up(cast))
        if not wait_until(lambda: answers(port), seconds=READY_SECONDS):
            raise RuntimeError("the drill's web server did not start: see the drill's var/log")
        network.start()
        stack.callback(network.stop)
        yield Site(place, country, network, keeper)


@contextlib.contextmanager
def _kept_up(cast: Cast) -> Iterator[int]:
    """Have the programs run within the block, and give the pid of the process that keeps them up.

    A process of its own, made before this one has threads: a fork among threads may never come to life.
    """
    drill = os.getpid()
    keeper = os.fork()
    if keeper == 0:
        die_with_parent()
        if os.getppid() != drill:
            os._exit(1)
        _keep_up(cast)
        os._exit(0)
    try:
        yield keeper
    finally:
        os.kill(keeper, signal.SIGTERM)
        os.waitpid(keeper, 0)


def _keep_up(cast: Cast) -> None:
    """Start the programs, and again whatever died, until told to stop."""
    orders: list[int] = []
    for number in (signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, lambda number, _frame: orders.append(number))
    cast.start()
    while signal.SIGTERM not in orders:
        if signal.SIGUSR1 in orders:
            orders.remove(signal.SIGUSR1)
            cast.kill(WEB)
        cast.tend()
        time.sleep(TEND_SECONDS)
    # Nothing is left to end well: what follows takes the servers away.
    for name in PROGRAMS:
        cast.kill(name)
    cast.stop()


def wait_until(ready: Callable[[], bool], *, seconds: float) -> bool:
    """Wait until `ready()`, at most so long; tell whether it is."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            return False
        time.sleep(TEND_SECONDS)
    return True
