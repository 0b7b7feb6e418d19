"""Faults drawn from a seed: each kind once, then by weight."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from random import Random

# Name, what strikes, weight.
Kind = tuple[str, Callable[[], str], int]


class Striking(ABC):
    """What draws the faults that its heir lists in `_all`, and counts them."""

    draw: Random
    counts: Counter[str]
    _first_round: list[Kind]

    @property
    @abstractmethod
    def _all(self) -> list[Kind]:
        """Every kind of fault, its name and its weight."""

    def __post_init__(self) -> None:
        self._first_round = self.draw.sample(self._all, len(self._all))

    def strike(self) -> str:
        """Draw one fault, let it strike, and return what happened in a few words."""
        if self._first_round:
            name, fault, _weight = self._first_round.pop()
        else:
            name, fault, _weight = self.draw.choices(self._all, [each[2] for each in self._all])[0]
        told = fault()
        self.counts[name] += 1
        return f"{name}: {told}"
