"""Stocks of history: built once, kept between runs, built again when their recipe changes."""

import hashlib
from collections.abc import Callable
from concurrent.futures import wait
from dataclasses import dataclass
from pathlib import Path

from config.bench import building, databases
from config.bench.crew import crew
from config.bench.databases import Address

TOWNS = 30
CLAIMS_A_HOUSEHOLD = 2.5
BUILDERS = 2
# Whoever changes one of these changes what a stock holds.
RECIPE = (
    "config/bench/building.py",
    "config/bench/lists.py",
    "config/bench/rows.py",
    "config/bench/town.py",
    "claims/adjudication/engine.py",
    "claims/adjudication/line.py",
    "claims/adjudication/packed.py",
    "claims/adjudication/packing.py",
    "claims/adjudication/rules",
    "claims/adjudication/step_packing.py",
    "claims/migrations",
    "core/migrations",
    "insured/migrations",
    "prescriptions/migrations",
    "providers/migrations",
)

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
    wanted = _fingerprint(size, root)
    if databases.exists(stock) and _read_fingerprint(stock) == wanted:
        return stock
    tell(f"building a history of {size.claims} judged claims")
    databases.create(stock)
    _fill(stock, size)
    with stock.connect() as connection:
        connection.execute("CREATE TABLE bench_recipe AS SELECT %s::text AS digest", [wanted])
    return stock


def _fill(stock: Address, size: Size) -> None:
    with crew(stock, BUILDERS) as builders:
        first, *_others = builders
        first.do(building.draw_first_town, size.households_a_town, size.claims_a_town)
        share = -(-(size.towns - 1) // BUILDERS)
        starts = range(1, size.towns, share)
        running = [
            builder.start(building.copy_towns, start, min(start + share, size.towns) - 1)
            for builder, start in zip(builders, starts, strict=False)
        ]
        wait(running)
        for each in running:
            each.result()
        first.do(building.finish)


def _fingerprint(size: Size, root: Path) -> str:
    digest = hashlib.sha256(repr(size).encode())
    for folder in RECIPE:
        place = root / folder
        for file in [place] if place.is_file() else sorted(place.rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _read_fingerprint(stock: Address) -> str:
    with stock.connect() as connection:
        if connection.execute("SELECT to_regclass('bench_recipe')").fetchone() == (None,):
            return ""
        row = connection.execute("SELECT digest FROM bench_recipe").fetchone()
    return str(row[0]) if row else ""
