"""Who gets the boxes prescribed when several counters handed over without knowing of each other. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Boxes of one line, handed over at a plausible instant."""

    at: datetime
    boxes: int


def share_out(prescribed: int, handed_over: Sequence[HandedOver]) -> list[int]:
    """Return how many boxes of each hand-over are beyond what was prescribed, in the order given.

    The earliest plausible instant is served first; of two equal ones, the first given.
    """
    left, beyond = prescribed, [0] * len(handed_over)
    for place in sorted(range(len(handed_over)), key=lambda place: handed_over[place].at):
        boxes = handed_over[place].boxes
        counted = min(boxes, left)
        left -= counted
        beyond[place] = boxes - counted
    return beyond
