"""Where a line goes when something happens to its prescription, and where that leaves the whole. Pure.

A line's state says what may still be done with it; the header's is derived from all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Standing(StrEnum):
    """States of a line; `prescriptions.states.LineState` names them for people."""

    TO_DISPENSE = "TO_DISPENSE"
    RESERVED = "RESERVED"
    PARTIAL = "PARTIAL"
    OWING = "OWING"
    DISPENSED = "DISPENSED"
    NOT_DISPENSED = "NOT_DISPENSED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


OPEN = frozenset({Standing.TO_DISPENSE, Standing.RESERVED, Standing.PARTIAL, Standing.OWING})


@dataclass(frozen=True, slots=True)
class Line:
    """A line as these rules see it.

    `given`: boxes handed over. `definitive`: its refusal stands whoever asks. `own`: its last answer, owing
    or refusal, is that of the pharmacy whose custody ends.
    """

    state: str
    given: int = 0
    definitive: bool = False
    own: bool = False

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


def released(line: Line) -> str:
    """The custody ends: what the pharmacy reserved, owes or refused, but not for good, is free again."""
    falls = line.state == Standing.OWING or (
        line.state == Standing.NOT_DISPENSED and not line.definitive
    )
    if line.state == Standing.RESERVED or (line.own and falls):
        return Standing.PARTIAL if line.given else Standing.TO_DISPENSE
    return line.state


def handed_over(line: Line) -> str:
    """The custody ends with a hand-over: as `released`, but what the pharmacy owes it goes on owing."""
    return line.state if line.state == Standing.OWING else released(line)


def released_line(line: Line) -> Line:
    """Return the line as it would be, were the custody to end now."""
    return replace(line, state=released(line))


def cancelled(line: Line) -> str:
    """The prescriber cancels: what was given stays given."""
    return _closed(line, Standing.CANCELLED)


def waived(line: Line) -> str:
    """The insured person, or the prescriber, gives the remainder up."""
    return _closed(line, Standing.NOT_DISPENSED)


def expired(line: Line) -> str:
    """The validity ends: a pharmacy that owed did not deliver."""
    owed = line.state == Standing.OWING
    return _closed(line, Standing.NOT_DISPENSED if owed else Standing.EXPIRED)


def taken_back(line: Line, *, closed: str = "") -> str:
    """Boxes of the line came back; `line.given` is what is left of them.

    `closed`: the state of a line that nobody may ask for any more (prescription cancelled or expired).
    """
    if line.state in (Standing.CANCELLED, Standing.EXPIRED):
        return line.state
    if closed:
        refused = line.state == Standing.NOT_DISPENSED
        return Standing.DISPENSED if line.given else line.state if refused else closed
    return Standing.PARTIAL if line.given else Standing.TO_DISPENSE


def _closed(line: Line, nothing_given: str) -> str:
    if not line.is_open:
        return line.state
    return Standing.DISPENSED if line.given else nothing_given


def header(lines: Sequence[Line]) -> str:
    """The state of a prescription of which these are the lines, custody and holds aside."""
    given = any(line.given for line in lines)
    if any(line.state == Standing.RESERVED for line in lines):
        return "IN_CUSTODY"
    if any(line.is_open for line in lines):
        return "PARTLY_DISPENSED" if given else "ACTIVE"
    if given:
        return "COMPLETED"
    states = {line.state for line in lines}
    if Standing.EXPIRED in states:
        return "EXPIRED"
    return "NOT_DISPENSED" if states == {Standing.NOT_DISPENSED} else "CANCELLED"
