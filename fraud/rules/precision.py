"""What became of what a rule saw, and when it loses its right to hold. Pure.

A hold is overturned when a person releases the claim. A rule whose holds are overturned too often loses its
right to hold by itself: it goes on flagging. Source: catalogue of controls, section C3 (a rule under 5 %
precision for 3 months); the share and the number of holds that suffice are figures of
fraud/rules/desk.yaml.
"""

from collections.abc import Mapping
from dataclasses import dataclass

ONE = 10_000


@dataclass(frozen=True, slots=True)
class Record:
    """Counts of one rule: what it saw, holds people ended, those they released, cases decided."""

    signals: int = 0
    holds: int = 0
    overturned: int = 0
    confirmed: int = 0
    unfounded: int = 0
    is_failing: bool = False

    @property
    def decided(self) -> int:
        """Things people decided: holds and cases."""
        return self.holds + self.confirmed + self.unfounded

    @property
    def precision_bp(self) -> int | None:
        """The share people found right, in basis points; None before any decision."""
        if not self.decided:
            return None
        right = self.holds - self.overturned + self.confirmed
        return (right * ONE + self.decided // 2) // self.decided


def loses_hold(holds: int, overturned: int, figures: Mapping[str, int]) -> bool:
    """Whether a version's holds were overturned too often.

    `figures`: `breaker_holds`, the least number of holds that people ended; `breaker_overturned`, the
    share released that is too much, in basis points.
    """
    if holds < figures["breaker_holds"]:
        return False
    return overturned * ONE >= holds * figures["breaker_overturned"]


def is_fair(ratio_bp: int, figures: Mapping[str, int]) -> bool:
    """Whether a group's rate stands within `fair_low` and `fair_high` of the whole's."""
    return figures["fair_low"] <= ratio_bp <= figures["fair_high"]
