"""`bench fraud`: the rules over a synthetic country, beside the same texts run by PostgreSQL, in one run.

DuckDB works in a process of its own (its peak memory is that process's) on a file; PostgreSQL in a
database made for it and dropped after. Both hold the same rows and read the same SQL.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import psycopg
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims.models import Claim
from claims.selectors import law
from config.bench import databases, product, queueing
from config.bench.crew import crew
from config.bench.databases import Address
from config.bench.measuring import peak_mb
from config.bench.rows import QUEUE_KEYS, keys_of
from config.bench.stock import Size, Tell, stock_of
from config.population.making import make_population
from config.population.reading import read_population
from config.population.writing import write_population
from core import tasks
from core.models import OutboxMessage
from fraud.gateways import tables
from fraud.gateways.derived import COUNTERS, PEERS, VISITS
from fraud.gateways.statements import alarms_text
from fraud.gateways.warehouse import Figures, Warehouse
from fraud.rules import thresholds
from fraud.rules.catalogue import RULES, rules_of
from fraud.rules.rule import Level
from fraud.services import screen_claims

SEED = 9_009
MEMBERS_A_CLAIM, PROVIDERS_A_CLAIM = 5, 50
BATCH = tasks.BATCH
SCREENED = 4_000
NIGHTS = 7
# The full run stands on the day before a whole week and a day: the last day counted is as full as the mean
# one, for the year's end trails off.
FULL_UP_TO = f"""
    WITH days AS (SELECT CAST(submitted_at AS DATE) AS day, count(*) AS n FROM claims GROUP BY 1)
    SELECT min(day), max(day) FILTER (WHERE n >= mean) - {NIGHTS + 1}
    FROM days CROSS JOIN (SELECT avg(n) AS mean FROM days)"""
ZONE = "SET TimeZone = 'Africa/Casablanca'"


class Spent(NamedTuple):
    """Seconds by the clock, and of CPU of this process."""

    seconds: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Warehoused:
    """What the warehouse took, and the days the full run stood on."""

    full: Spent
    nights: list[Spent]
    every_rule: Spent
    read: float
    alarms: dict[str, int]
    peak_mb: float
    first: date
    until: date


def run(*, address: Address, claims: int, root: Path, tell: Tell) -> dict[str, Any]:
    """Measure everything once and return every figure."""
    with TemporaryDirectory() as place:
        folder = Path(place)
        tell("making a country")
        with crew(address) as (maker,):
            maker.do(_make, claims, folder)
        tell("running the warehouse")
        with crew(address) as (alone,):
            found: Warehoused = alone.do(_warehouse, folder)
        tell("running the same texts in PostgreSQL")
        read, plain, alarms = _plain_sql(address, folder, found)
    tell("screening beside adjudication")
    screening = _screening(address, root, tell)
    # A ring is found in a graph, which PostgreSQL is not asked for.
    both = {rule.name for rule in RULES if rule.level is not Level.RING}
    apart = sorted(name for name in both if found.alarms.get(name) != alarms.get(name))
    full = found.full.seconds
    night = sum(each.seconds for each in found.nights) / NIGHTS
    night_cpu = sum(each.cpu for each in found.nights) / NIGHTS
    return {
        "claims": claims,
        "rules": len(RULES),
        "full_seconds": round(full, 2),
        "increment_seconds": round(night, 3),
        "nights_seconds": [round(each.seconds, 3) for each in found.nights],
        "increment_every_rule_seconds": round(found.every_rule.seconds, 3),
        "sql_seconds": round(plain, 2),
        "read_seconds": round(read, 3),
        "warehouse_read_seconds": round(found.read, 3),
        "increment_of_full": round(night / full, 4),
        "increment_of_full_cpu": round(night_cpu / found.full.cpu, 4),
        "dearest_increment_of_full": round(max(each.seconds for each in found.nights) / full, 4),
        "increment_every_rule_of_full": round(found.every_rule.seconds / full, 4),
        "full_of_sql": round(full / plain, 3),
        "full_of_read": round(full / read, 1),
        "increment_of_read": round(night / read, 2),
        "rules_apart": apart,
        "same_alarms": not apart,
        "alarms": sum(found.alarms.values()),
        "peak_mb": round(found.peak_mb, 1),
        **screening,
    }


def _warehouse(folder: Path) -> Warehoused:
    figures = thresholds.load().at(product.NOW.date())
    with Warehouse(folder / "history.duckdb") as house:
        first, until = _one(house, FULL_UP_TO)
        read = _timed(lambda: [_one(house, _reading(name)) for name in tables.CANONICAL]).seconds
        full = _timed(lambda: _full(house, figures, first, until))
        alarms = dict(
            house.connection.execute("SELECT rule, count(*) FROM alarms GROUP BY rule").fetchall()
        )
        after = [until + timedelta(days=n) for n in range(1, NIGHTS + 2)]
        nights = [_night(house, day, figures, rules_of(day, day)) for day in after[:NIGHTS]]
        every_rule = _night(house, after[NIGHTS], figures, None)
        for name in (*tables.CANONICAL, *tables.REFERENCE):
            house.connection.execute(f"COPY {name} TO '{folder / name}.out' (HEADER false)")
        return Warehoused(full, nights, every_rule, read, alarms, peak_mb(), first, until)


def _full(house: Warehouse, figures: Figures, first: date, until: date) -> None:
    house.rebuild(until)
    house.run_all(figures, first, until)


def _night(house: Warehouse, day: date, figures: Figures, names: frozenset[str] | None) -> Spent:
    return _timed(lambda: house.advance(day, figures, names=names))


def _make(claims: int, folder: Path) -> None:
    made = make_population(
        members=claims // MEMBERS_A_CLAIM,
        providers=claims // PROVIDERS_A_CLAIM,
        claims=claims,
        seed=SEED,
    )
    write_population(made, folder)
    with Warehouse(folder / "history.duckdb") as house:
        _fill(house, folder)


def _fill(house: Warehouse, folder: Path) -> None:
    read_population(folder, house.connection)
    today = law().at(product.NOW.date())
    letters = house.connection.execute("SELECT DISTINCT letter FROM claim_lines").fetchall()
    known = [(letter, today.act_minutes(letter), False) for (letter,) in letters if letter]
    house.keep("letters", known)
    house.freshen()


def _one(house: Warehouse, text: str) -> Any:
    return house.connection.execute(text).fetchone()


def _reading(table: str) -> str:
    return f"SELECT CAST(row AS TEXT) FROM (SELECT max(COLUMNS(*)) FROM {table}) AS row"


def _timed(work: Callable[[], Any]) -> Spent:
    began, used = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - began, time.process_time() - used)


def _plain_sql(
    address: Address, folder: Path, found: Warehoused
) -> tuple[float, float, dict[str, int]]:
    """Seconds of one sequential read, seconds of all the rules, and the alarms of each."""
    copy = address.called(f"{address.name}_bench_fraud")
    databases.create(copy)
    try:
        with copy.connect() as server:
            server.execute("CREATE SCHEMA main")
            server.execute("SET search_path = main")
            server.execute(ZONE)
            every = tables.CANONICAL | tables.REFERENCE | tables.DERIVED
            server.execute(tables.created(every))
            server.execute(PEERS)
            for name in (*tables.CANONICAL, *tables.REFERENCE):
                _copy_in(server, name, folder / f"{name}.out")
            server.execute("ANALYZE")
            read = _timed(
                lambda: [server.execute(f"SELECT count(t) FROM {t} t") for t in tables.CANONICAL]
            ).seconds
            plain = _timed(lambda: _run_rules(server, found)).seconds
            rows = server.execute("SELECT rule, count(*) FROM alarms GROUP BY rule").fetchall()
    finally:
        databases.drop(copy)
    return read, plain, dict(rows)


def _copy_in(server: psycopg.Connection, table: str, file: Path) -> None:
    with (
        file.open("rb") as stream,
        server.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy,
    ):
        while part := stream.read(1 << 20):
            copy.write(part)


def _run_rules(server: psycopg.Connection, found: Warehoused) -> None:
    server.execute(
        f"INSERT INTO care {tables.CARE_SELECT} WHERE c.submitted_at < CAST(%s::date + 1 AS TIMESTAMPTZ)",
        [found.until],
    )
    server.execute("ANALYZE care")
    server.execute(VISITS)
    server.execute("ANALYZE visits")
    for name, (_columns, select) in COUNTERS.items():
        server.execute(f"INSERT INTO {name} {select}")
    server.execute("ANALYZE")
    figures = thresholds.load().at(product.NOW.date())
    for rule in RULES:
        if rule.level == Level.RING:
            continue
        given = {
            **figures[rule.name],
            "rule": rule.name,
            "since": found.first,
            "until": found.until,
        }
        text = alarms_text(rule).replace("%", "%%")
        for name in sorted(given, key=len, reverse=True):
            text = text.replace(f"${name}", f"%({name})s")
        server.execute(text, given)


def _screening(address: Address, root: Path, tell: Tell) -> dict[str, Any]:
    """What a claim of adjudication and of screening costs, on the same judged claims."""
    stock = stock_of(Size(20_000), address, root, tell)
    copy = address.called(f"{address.name}_bench_screened")
    databases.create(copy, like=stock)
    try:
        with crew(copy) as (clerk,):
            clerk.do(queueing.draw_queue, SCREENED)
            clerk.do(queueing.file_queue, [0, 1])
            clerk.do(queueing.settle_sheets)
            clerk.do(_judge_and_screen, 0)
            told: dict[str, Any] = clerk.do(_judge_and_screen, 1)
            return told
    finally:
        databases.drop(copy)


def _judge_and_screen(town: int) -> dict[str, Any]:
    """Judge a town, then screen what was judged, in batches as the product's worker takes them."""
    product.open_run(town)
    filed = Claim.objects.filter(pk__range=keys_of(QUEUE_KEYS, town))
    judged = product.work_off()
    product.close()
    waiting = filed.filter(state="ADJUDICATED").order_by("pk")
    keys = list(waiting.values_list("pk", flat=True))
    parts = [keys[start : start + BATCH] for start in range(0, len(keys), BATCH)]
    started, statements = product.watch(), CaptureQueriesContext(connection)
    with statements:
        for part in parts:
            screen_claims(subject_ids=part, at=product.NOW)
    screened = started.stop()
    OutboxMessage.objects.all().delete()
    count, seen = filed.count(), len(keys)
    return {
        "adjudication_us": round(1e6 * judged.effort.seconds / count, 1),
        "adjudication_cpu_us": round(1e6 * judged.effort.cpu / count, 1),
        "screening_us": round(1e6 * screened.seconds / seen, 1),
        "screening_cpu_us": round(1e6 * screened.cpu / seen, 1),
        "screening_share": round(screened.seconds / seen / (judged.effort.seconds / count), 3),
        "screening_share_cpu": round(screened.cpu / seen / (judged.effort.cpu / count), 3),
        "screening_statements": len(statements) / len(parts),
        "claims_screened": seen,
        "claims_held": filed.filter(state="HELD").count(),
    }
