"""What rounds give: rates and costs by variant, and the medians of their ratios."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from config.bench.measuring import FOREIGN_SHARE, middle
from config.bench.product import Done

PRODUCT, TWO_WORKERS, FLOOR, SQL, NAIVE = "product", "two_workers", "floor", "all_sql", "naive"
MORE = "ten_times_the_history"


@dataclass(frozen=True, slots=True)
class Slots:
    """Which town is whose, so that no variant ever meets another's decisions."""

    rounds: int

    def of(self, variant: str, number: int) -> int:
        """The town of a variant in a round; the naive way takes a few claims of one town each time."""
        places = {PRODUCT: 0, TWO_WORKERS: 1, FLOOR: 2, SQL: 3}
        if variant == NAIVE:
            return 4 * self.rounds
        return places[variant] * self.rounds + number

    @property
    def single(self) -> int:
        return 4 * self.rounds + 1

    @property
    def warm(self) -> tuple[int, int, int]:
        """Towns of the warm-up: one worker, two workers, all-SQL."""
        return (self.single + 1, self.single + 2, self.single + 3)

    @property
    def small(self) -> range:
        """Every town whose claims are filed in the small copy."""
        return range(self.warm[-1] + 1)

    @property
    def large(self) -> list[int]:
        """Those filed in the large copy: the product's, one to warm up, one for its memory."""
        return [*range(self.rounds), self.warm[0], self.memory]

    @property
    def memory(self) -> int:
        return self.warm[-1] + 1

    @property
    def alike(self) -> list[int]:
        """Towns that must be decided alike, line by line."""
        judged = [
            self.of(each, n) for each in (PRODUCT, TWO_WORKERS, SQL) for n in range(self.rounds)
        ]
        return [*judged, self.single]


@dataclass(slots=True)
class Round:
    """One round: claims a second and CPU microseconds a claim by variant, and what the product wrote."""

    rate: dict[str, float] = field(default_factory=dict)
    cpu_us: dict[str, float] = field(default_factory=dict)
    foreign: float = 0.0
    wal_bytes: float = 0.0
    stored_bytes: float = 0.0
    hot_share: float = 0.0

    def take(self, variant: str, claims: int, *done: Done) -> None:
        """Note what one variant did with so many claims."""
        seconds = max(each.ended for each in done) - min(each.began for each in done)
        self.rate[variant] = claims / seconds
        self.cpu_us[variant] = 1e6 * sum(each.effort.cpu for each in done) / claims
        if len(done) == 1:
            self.foreign = max(self.foreign, done[0].effort.foreign)

    @property
    def is_quiet(self) -> bool:
        return self.foreign <= FOREIGN_SHARE

    def plain(self) -> dict[str, Any]:
        """The round for JSON."""
        return {
            "claims_per_second": {name: round(rate) for name, rate in self.rate.items()},
            "cpu_us": {name: round(cpu) for name, cpu in self.cpu_us.items()},
            "foreign": round(self.foreign, 2),
        }


# Each figure that compares two variants: whose rate, over whose.
RATIOS = {
    "ratio_floor": (PRODUCT, FLOOR),
    "ratio_sql": (PRODUCT, SQL),
    "ratio_naive": (PRODUCT, NAIVE),
    "ratio_two_workers": (TWO_WORKERS, PRODUCT),
    "ratio_history_10x": (MORE, PRODUCT),
}


# The same by CPU, which load from elsewhere disturbs less than it does the clock.
_BY_CPU = ("ratio_floor", "ratio_sql", "ratio_naive", "ratio_history_10x")


def figures(rounds: Sequence[Round]) -> dict[str, Any]:
    """Medians over the quiet rounds; over all of them when none was quiet, and that is said."""
    quiet = [each for each in rounds if each.is_quiet]
    counted = quiet or rounds
    ratios = {
        name: middle(each.rate[one] / each.rate[other] for each in counted)
        for name, (one, other) in RATIOS.items()
    }
    return {
        **{name: round(ratio, 3) for name, ratio in ratios.items()},
        "cpu_us": round(middle(each.cpu_us[PRODUCT] for each in counted), 1),
        "wal_bytes": round(middle(each.wal_bytes for each in counted)),
        "stored_bytes": round(middle(each.stored_bytes for each in counted)),
        "hot_share": round(middle(each.hot_share for each in counted), 4),
        "cpu_ratios": {
            name: round(middle(each.cpu_us[other] / each.cpu_us[one] for each in rounds), 3)
            for name, (one, other) in RATIOS.items()
            if name in _BY_CPU and all(each.cpu_us[one] for each in rounds)
        },
        "quiet_rounds": len(quiet),
        "rounds": [each.plain() for each in rounds],
    }
