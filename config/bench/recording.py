"""What the product says to the server while it settles towns: counted, and kept for the floor."""

from collections.abc import Sequence
from dataclasses import dataclass

from config.bench import product
from config.bench.crew import Worker, crew
from config.bench.databases import Address
from config.bench.floor import Recording
from config.bench.measuring import middle
from config.bench.wire import Listener, commits, counted, listening


@dataclass(frozen=True, slots=True)
class Heard:
    """One session a town, and what a batch takes: medians over every batch heard."""

    sessions: tuple[Recording, ...]
    statements: float
    commits: float
    round_trips: float


def record(copy: Address, warm_up: int, towns: Sequence[int]) -> Heard:
    """Settle the towns in a copy, through a listener."""
    with (
        listening(copy.host, copy.port) as listener,
        crew(copy.through(str(listener.folder))) as (worker,),
    ):
        worker.do(product.prepare_nothing)
        worker.do(product.open_run, warm_up)
        worker.do(product.work_off)
        worker.do(product.close)
        sessions, delivered = [], []
        for town in towns:
            session, deliveries = _settle(worker, town, listener)
            sessions.append(session)
            delivered += deliveries
    return Heard(
        tuple(sessions),
        statements=middle(counted(turns).statements for turns in delivered),
        commits=middle(commits(turns) for turns in delivered),
        round_trips=middle(counted(turns).round_trips for turns in delivered),
    )


def _settle(
    worker: Worker, town: int, listener: Listener
) -> tuple[Recording, list[tuple[bytes, ...]]]:
    """Settle a town; return the session, and the delivery of each batch by itself."""
    listener.forget()
    worker.do(product.open_run, town)
    before, batches, deliveries = _said(listener), [], []
    while worker.do(product.lease_and_keep):
        leased = _said(listener)
        worker.do(product.deliver_kept)
        delivered = _said(listener)
        batches.append(leased + delivered)
        deliveries.append(delivered)
    worker.do(product.close)
    return Recording(before, tuple(batches)), deliveries


def _said(listener: Listener) -> tuple[bytes, ...]:
    """What was said since the last time it was asked."""
    turns = tuple(bytes(turn) for turn in listener.turns())
    listener.forget()
    return turns
