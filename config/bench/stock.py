"""Stocks of history: built once, kept between runs, built again when their recipe changes."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from config.bench import building, databases
from config.bench.crew import crew
from config.bench.databases import Address

TOWNS = 30
CLAIMS_A_HOUSEHOLD = 2.5
BUILDERS = 2
# Whoever changes one of these changes what a stock holds. Not the engine: a history judged by the engine
# of its day is a history all the same, and only new claims are compared.
RECIPE = (
    "config/bench/building.py",
    "config/bench/lists.py",
    "config/bench/rows.py",
    "config/bench/town.py",
    "claims/migrations",
    "core/migrations",
    "insured/migrations",
    "providers/migrations",
)
# Migrations of other rooms change tables the stock leaves empty: it is kept, and migrated.
MIGRATIONS = ("accounts", "fraud", "payments", "prescriptions", "sync")

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Size:
    """How much history: so many towns alike, so many judged claims in all."""

    claims: int
    towns: int = TOWNS

    def times(self, factor: int) -> "Size":
        """The same towns, so many times as many."""
        return Size(self.claims * factor, self.towns * factor)

    @property
    def claims_a_town(self) -> int:
        return max(1, self.claims // self.towns)

    @property
    def households_a_town(self) -> int:
        return max(2, int(self.claims_a_town / CLAIMS_A_HOUSEHOLD))


def stock_of(size: Size, address: Address, root: Path, tell: Tell) -> Address:
    """Return the stock of this size, built now if it is not there or no longer right."""
    stock = address.called(f"{address.name}_bench_{size.claims}")
    recipe = _digest(repr(size), root, RECIPE)
    migrations = _digest("", root, [f"{room}/migrations" for room in MIGRATIONS])
    known = _read_digests(stock) if databases.exists(stock) else ("", "")
    if known == (recipe, migrations):
        return stock
    if known[0] == recipe:
        tell(f"migrating {stock.name}")
        with crew(stock) as (clerk,):
            clerk.do(building.bring_up_to_date)
    else:
        tell(f"building a history of {size.claims} judged claims")
        databases.create(stock)
        _fill(stock, size)
    with stock.connect() as connection:
        connection.execute("DROP TABLE IF EXISTS bench_recipe")
        connection.execute("CREATE TABLE bench_recipe (digest text, migrations text)")
        connection.execute("INSERT INTO bench_recipe VALUES (%s, %s)", [recipe, migrations])
    return stock


def _fill(stock: Address, size: Size) -> None:
    with crew(stock, BUILDERS) as builders:
        first, *_others = builders
        first.do(building.draw_first_town, size.households_a_town, size.claims_a_town)
        share = -(-(size.towns - 1) // BUILDERS)
        starts = range(1, size.towns, share)
        _together(
            [
                builder.start(building.copy_towns, start, min(start + share, size.towns) - 1)
                for builder, start in zip(builders, starts, strict=False)
            ]
        )
        indexes = first.do(building.indexes_to_make)
        _together(
            [
                builder.start(building.make_indexes, indexes[place::BUILDERS])
                for place, builder in enumerate(builders)
            ]
        )
        first.do(building.finish)


def _together(running: Sequence[Future[Any]]) -> None:
    wait(running)
    for each in running:
        each.result()


def _digest(begun: str, root: Path, folders: Iterable[str]) -> str:
    digest = hashlib.sha256(begun.encode())
    for folder in folders:
        place = root / folder
        for file in [place] if place.is_file() else sorted(place.rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _read_digests(stock: Address) -> tuple[str, str]:
    """The recipe and the migrations a stock was last made of; empty when it does not say."""
    with stock.connect() as connection:
        try:
            row = connection.execute("SELECT digest, migrations FROM bench_recipe").fetchone()
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
            row = None
    return (str(row[0]), str(row[1])) if row else ("", "")
