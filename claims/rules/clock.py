"""The fairness clock of a claim: who has the ball, legal time left, and what does not count.

Pure. Everything is counted in calendar days of the fund's time zone, because the law counts its
delay in days: a stretch of time counts the midnights it holds, so that the days of all sides add up
to the days since filing, to the day. Time in which the provider or the insured person has the ball
does not count, nor does time after the file was closed when it is opened again.

Source of the delay: ``delays.settlement_days`` of the law.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise


class Side(StrEnum):
    """Who may have the ball."""

    INSURER = "insurer"
    SYSTEM = "system"
    BANK = "bank"
    PROVIDER = "provider"
    INSURED = "insured"


# The legal delay is the fund's: it stands still while these have the ball.
PAUSING = frozenset({Side.PROVIDER, Side.INSURED})


@dataclass(frozen=True, slots=True)
class Turn:
    """From `at` on, `side` has the ball because of `why` (a code); no side: the file is closed.

    `at` is aware and in the fund's time zone; `note` is what was written with the move.
    """

    at: datetime
    side: Side | None
    why: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The time between two turns; `until` is None for the one that still runs."""

    turn: Turn
    until: datetime | None
    days: int


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock as read on `day`. `since` is when the side that has the ball got it."""

    filed_on: date
    day: date
    legal_days: int
    stretches: tuple[Stretch, ...]
    since: datetime

    @property
    def side(self) -> Side | None:
        """Who has the ball; nobody once the file is closed."""
        return self.stretches[-1].turn.side

    @property
    def why(self) -> str:
        """The code of what is waited for."""
        return self.stretches[-1].turn.why

    @property
    def is_closed(self) -> bool:
        """Whether nothing is waited for any more."""
        return self.side is None

    @property
    def is_paused(self) -> bool:
        """Whether the legal delay stands still now."""
        return self.side in PAUSING

    @property
    def used(self) -> dict[Side, int]:
        """Days each side had the ball; sides that never had it are not there."""
        days: dict[Side, int] = {}
        for stretch in self.stretches:
            if stretch.turn.side is not None:
                days[stretch.turn.side] = days.get(stretch.turn.side, 0) + stretch.days
        return days

    @property
    def pauses(self) -> tuple[Stretch, ...]:
        """The stretches of a day or more, or still running, in which somebody else had to act."""
        return tuple(
            each
            for each in self.stretches
            if each.turn.side in PAUSING and (each.days or each.until is None)
        )

    @property
    def counted_days(self) -> int:
        """Days that the fund, its systems and its bank have used."""
        return sum(days for side, days in self.used.items() if side not in PAUSING)

    @property
    def left_days(self) -> int:
        """Days of the legal delay that are left; below zero when it has run out."""
        return self.legal_days - self.counted_days

    @property
    def is_overdue(self) -> bool:
        """Whether the legal delay has run out, or had when the file was closed."""
        return self.left_days < 0

    @property
    def deadline(self) -> date:
        """Last day of the delay, if nothing pauses it from now on."""
        return self.day + timedelta(days=self.left_days)


def read_clock(turns: Sequence[Turn], *, at: datetime, legal_days: int) -> Clock:
    """Read the clock at an instant from the turns of a claim, oldest first; the first is its filing.

    Turns after `at` are not looked at. Raises ValueError without a turn, when the turns are not in
    order, or when `at` is before the filing.
    """
    known = [turn for turn in turns if turn.at <= at]
    if not known:
        raise ValueError("a clock starts with the filing of its claim")
    if any(earlier.at > later.at for earlier, later in pairwise(known)):
        raise ValueError("the turns of a claim are given in the order they were taken")
    ends: list[datetime | None] = [turn.at for turn in known[1:]]
    ends.append(None)
    stretches = tuple(
        Stretch(turn, end, ((end or at).date() - turn.at.date()).days)
        for turn, end in zip(known, ends, strict=True)
    )
    last = known[-1]
    return Clock(
        filed_on=known[0].at.date(),
        day=last.at.date() if last.side is None else at.date(),
        legal_days=legal_days,
        stretches=stretches,
        since=_held_since(known),
    )


def _held_since(turns: Sequence[Turn]) -> datetime:
    """The instant the last side got the ball: its turns in a row are one."""
    since = turns[-1].at
    for turn in reversed(turns):
        if turn.side != turns[-1].side:
            break
        since = turn.at
    return since
