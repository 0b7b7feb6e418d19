"""Whether a paper sheet and its electronic twin say the same."""

from collections.abc import Iterable
from datetime import date
from typing import Literal, NamedTuple

Difference = Literal["", "AMOUNT", "ACTS"]


class BilledLine(NamedTuple):
    """An act's code, its day, its quantity and what was charged for it, in centimes."""

    act: str
    care_date: date
    quantity: int
    charged: int


def difference_of(paper: Iterable[BilledLine], electronic: Iterable[BilledLine]) -> Difference:
    """Return what differs first: the amount in all, then acts, days or quantities."""
    one, other = sorted(paper), sorted(electronic)
    if sum(line.charged for line in one) != sum(line.charged for line in other):
        return "AMOUNT"
    return "" if one == other else "ACTS"
