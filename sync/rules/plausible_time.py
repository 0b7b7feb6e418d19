"""When a device signed: what its clocks, the server's last word and the arrival let us believe. Pure.

The server never believes a device's wall clock alone. An anchor is the server's signed time; the device
counts from it on a clock that only goes forward. docs/offline.md has this table in words.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

HOUR = timedelta(hours=1)


class Flag(StrEnum):
    """What is odd, and does not stop an envelope; NO_ANCHOR and REBOOTED lower what it proves."""

    SKEWED = "SKEWED"
    REBOOTED = "REBOOTED"
    NO_ANCHOR = "NO_ANCHOR"


class Fault(StrEnum):
    """Why nothing can be believed: a person looks."""

    BEFORE_ANCHOR = "BEFORE_ANCHOR"
    AHEAD = "AHEAD"
    BACKWARDS = "BACKWARDS"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far two honest clocks part: for each hour counted, and once for the way to the server."""

    drift_an_hour: timedelta
    margin: timedelta


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an envelope and its chain say of time.

    `wall`: the device's clock. `anchored_at`: the server's instant in the anchor. `elapsed`: counted on
    the device since it got the anchor, None once a restart lost the count. `reached_at`: what the
    envelope before had reached. `arrived_at`: the server's clock.
    """

    wall: datetime
    anchored_at: datetime | None
    elapsed: timedelta | None
    reached_at: datetime | None
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class Plausible:
    """The interval of the signature, the instant in it that counts, and what is odd."""

    earliest: datetime
    latest: datetime
    counts: datetime
    flags: tuple[Flag, ...] = ()


def plausible(evidence: Evidence, tolerance: Tolerance) -> Plausible | Fault:
    """Return when the envelope was signed, as far as can be believed, or why it cannot.

    The count is intact: the anchor's instant plus the count, widened by the drift; the wall clock is
    taken when it falls inside, else the middle, flagged. The count was lost, or there is no anchor: from
    the last thing known to the arrival, flagged; a wall clock before the anchor then proves nothing.
    """
    if evidence.anchored_at is not None and evidence.elapsed is not None:
        return _counted(evidence, evidence.anchored_at, evidence.elapsed, tolerance)
    return _between(evidence, tolerance)


def _counted(
    evidence: Evidence, anchored_at: datetime, elapsed: timedelta, tolerance: Tolerance
) -> Plausible | Fault:
    middle = anchored_at + elapsed
    width = tolerance.drift_an_hour * (elapsed / HOUR) + tolerance.margin
    earliest, latest = max(anchored_at, middle - width), middle + width
    if earliest > evidence.arrived_at:
        return Fault.AHEAD
    latest = min(latest, evidence.arrived_at)
    if evidence.reached_at is not None and latest < evidence.reached_at - tolerance.margin:
        return Fault.BACKWARDS
    if earliest <= evidence.wall <= latest:
        return Plausible(earliest, latest, evidence.wall)
    return Plausible(earliest, latest, min(middle, latest), (Flag.SKEWED,))


def _between(evidence: Evidence, tolerance: Tolerance) -> Plausible | Fault:
    flag = Flag.NO_ANCHOR if evidence.anchored_at is None else Flag.REBOOTED
    if evidence.anchored_at is not None and evidence.wall < evidence.anchored_at - tolerance.margin:
        return Fault.BEFORE_ANCHOR
    known = [each for each in (evidence.anchored_at, evidence.reached_at) if each is not None]
    latest = evidence.arrived_at
    earliest = min(max(known), latest) if known else min(evidence.wall, latest)
    if evidence.wall > latest + tolerance.margin:
        return Fault.AHEAD
    return Plausible(earliest, latest, max(earliest, min(evidence.wall, latest)), (flag,))
