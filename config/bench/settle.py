"""`bench settle`: the product's batch beside its floor, all-SQL and the naive way, in one run.

Each measure has a town of its own whose claims are equal by construction. A round runs every variant
once, beginning with another one each time; figures are medians of what each round gives.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from config.bench import agreement, all_sql, databases, floor, naive, product, queueing
from config.bench.crew import Worker, crew
from config.bench.databases import Address
from config.bench.floor import Recording
from config.bench.recording import Heard, record
from config.bench.rounds import FLOOR, MORE, NAIVE, PRODUCT, SQL, TWO_WORKERS, Round, Slots, figures
from config.bench.stock import Size, Tell, stock_of
from config.bench.written import hot_share, lsn, stored

MORE_HISTORY = 10
NAIVE_CLAIMS = 100
MEMORY_CLAIMS = 5000
BACKLOG = 1_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure, and how much of it."""

    address: Address
    size: Size
    claims: int
    rounds: int
    root: Path
    tell: Tell

    @property
    def slots(self) -> Slots:
        return Slots(self.rounds)

    @property
    def naive_claims(self) -> int:
        return min(NAIVE_CLAIMS, self.claims // self.rounds)


@dataclass(frozen=True, slots=True)
class Team:
    """Two workers on the small copy, one on the large one, and an eye on the small one."""

    one: Worker
    two: Worker
    more: Worker
    eye: psycopg.Connection
    packed: tuple[int, int]


def run(plan: Plan) -> dict[str, Any]:
    """Measure and return every figure, each round's own under `rounds`."""
    few = stock_of(plan.size, plan.address, plan.root, plan.tell)
    many = stock_of(plan.size.times(MORE_HISTORY), plan.address, plan.root, plan.tell)
    heard = _listen(few, plan)
    with _copy(few, "run", plan) as small, _borrowed(many, plan) as large:
        _file(small, list(plan.slots.small), plan)
        _file(large, plan.slots.large, plan)
        measured = _measure(small, large, heard, plan)
        plan.tell("memory of a worker")
        peaks = _peaks(large, plan)
    return measured | {
        "statements": heard.statements,
        "commits": heard.commits,
        "round_trips": heard.round_trips,
        "peak_mb": round(max(peaks.values()), 1),
        "peak_mb_by_backlog": {str(rows): round(peak, 1) for rows, peak in peaks.items()},
    }


@contextmanager
def _copy(stock: Address, name: str, plan: Plan) -> Iterator[Address]:
    copy = plan.address.called(f"{plan.address.name}_bench_{name}")
    plan.tell(f"copying {stock.name}")
    databases.create(copy, like=stock)
    try:
        yield copy
    finally:
        databases.drop(copy)


@contextmanager
def _borrowed(stock: Address, plan: Plan) -> Iterator[Address]:
    """A stock too large to copy: used itself, and cleared of the run before and after."""
    with crew(stock) as (clerk,):
        clerk.do(queueing.clear_queue)
    try:
        yield stock
    finally:
        plan.tell(f"clearing {stock.name}")
        with crew(stock) as (clerk,):
            clerk.do(queueing.clear_queue)


def _file(copy: Address, towns: Sequence[int], plan: Plan) -> None:
    """File the same claims in each of these towns, and write the law for SQL."""
    plan.tell(f"filing {plan.claims} claims in {len(towns)} towns")
    with crew(copy, 2) as clerks:
        clerks[0].do(queueing.draw_queue, plan.claims)
        clerks[0].do(all_sql.write_law)
        _together(
            [
                clerk.start(queueing.file_queue, towns[place::2])
                for place, clerk in enumerate(clerks)
            ]
        )
        clerks[0].do(queueing.settle_sheets)


def _together(work: Sequence[Future[Any]]) -> list[Any]:
    return [each.result() for each in work]


def _listen(stock: Address, plan: Plan) -> Heard:
    """Let the product settle the floor's towns in a copy of their own, and hear what it says."""
    towns = [plan.slots.of(FLOOR, number) for number in range(plan.rounds)]
    warm_up = plan.slots.warm[0]
    with _copy(stock, "heard", plan) as copy:
        _file(copy, [warm_up, *towns], plan)
        plan.tell("listening to the product")
        return record(copy, warm_up, towns)


def _measure(small: Address, large: Address, heard: Heard, plan: Plan) -> dict[str, Any]:
    with crew(small, 2) as (one, two), crew(large) as (more,), small.connect() as eye:
        plan.tell("warming up")
        team = _warm_up(Team(one, two, more, eye, (0, 0)), plan)
        rounds = []
        for number in range(plan.rounds):
            plan.tell(f"round {number + 1} of {plan.rounds}")
            rounds.append(_round(number, team, heard, plan))
        plan.tell("comparing every line")
        _together(
            [
                worker.start(product.judge_one_by_one, plan.slots.single, part, 2)
                for part, worker in enumerate((one, two))
            ]
        )
        lines, equal = one.do(agreement.lines_alike, plan.slots.alike)
        share = one.do(agreement.share_at_a_ceiling, plan.slots.of(PRODUCT, 0))
    return figures(rounds) | {
        "lines": lines,
        "lines_equal": equal,
        "lines_at_a_ceiling": round(share, 4),
    }


def _warm_up(team: Team, plan: Plan) -> Team:
    """Fill caches, plan statements, grow files; learn how long packed texts are."""
    first, both, sql = plan.slots.warm
    for worker in (team.one, team.more):
        worker.do(product.open_run, first)
        worker.do(product.work_off)
        worker.do(product.close)
    _two_workers(both, team)
    packed = team.one.do(agreement.packed_bytes, first)
    ready = Team(team.one, team.two, team.more, team.eye, packed)
    _all_sql(sql, ready)
    return ready


def _round(number: int, team: Team, heard: Heard, plan: Plan) -> Round:
    """Run every variant once, beginning with another one in each round."""
    told, slots = Round(), plan.slots
    few = plan.naive_claims
    measures: list[Callable[[], None]] = [
        lambda: _product(slots.of(PRODUCT, number), team, told, plan.claims),
        lambda: told.take(FLOOR, plan.claims, _floor(heard.sessions[number], team)),
        lambda: told.take(SQL, plan.claims, _all_sql(slots.of(SQL, number), team)),
        lambda: told.take(
            TWO_WORKERS, plan.claims, *_two_workers(slots.of(TWO_WORKERS, number), team)
        ),
        lambda: told.take(MORE, plan.claims, _one_worker(number, team.more)),
        lambda: told.take(
            NAIVE, few, team.one.do(naive.settle, slots.of(NAIVE, number), number * few, few)
        ),
    ]
    for place in range(len(measures)):
        measures[(place + number) % len(measures)]()
    return told


def _one_worker(town: int, worker: Worker) -> product.Done:
    worker.do(product.open_run, town)
    done: product.Done = worker.do(product.work_off)
    worker.do(product.close)
    return done


def _two_workers(town: int, team: Team) -> list[product.Done]:
    team.one.do(product.open_run, town)
    done = _together([worker.start(product.work_off) for worker in (team.one, team.two)])
    team.one.do(product.close)
    return done


def _all_sql(town: int, team: Team) -> product.Done:
    team.one.do(all_sql.open_run, town)
    done: product.Done = team.one.do(all_sql.work_off, *team.packed)
    team.one.do(product.close)
    return done


def _floor(session: Recording, team: Team) -> product.Done:
    done: product.Done = team.one.do(floor.replay, session)
    team.one.do(product.close)
    return done


def _product(town: int, team: Team, told: Round, claims: int) -> None:
    """One worker, and what it wrote: WAL, stored bytes, updates that stayed in their page."""
    team.one.do(product.open_run, town)
    wal, size = lsn(team.eye), stored(team.eye)
    with hot_share(team.eye, "claims_claim") as share:
        done = team.one.do(product.work_off)
    told.wal_bytes = (lsn(team.eye) - wal) / claims
    told.stored_bytes = (stored(team.eye) - size) / claims
    told.hot_share = share()
    told.take(PRODUCT, claims, done)
    team.one.do(product.close)


def _peaks(large: Address, plan: Plan) -> dict[int, float]:
    """Peak of a fresh worker that judges one batch, by the rows that wait in the queue."""
    peaks = {}
    town, size = plan.slots.memory, min(MEMORY_CLAIMS, plan.claims // 2)
    with crew(large) as (clerk,):
        clerk.do(product.open_run, town)
        for wanted in (plan.claims, BACKLOG):
            rows = clerk.do(product.fill_backlog, wanted)
            with crew(large) as (fresh,):
                peaks[rows] = fresh.do(product.judge_batch_for_memory, town, size)
    return peaks
