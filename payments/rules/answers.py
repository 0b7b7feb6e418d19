"""What a bank's word makes of a transfer, whatever was said before and in whatever order it comes.

Source: docs/payments.md, "What the bank says".
"""

from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple


class Source(StrEnum):
    """Which kind of file says it: a status report (pain.002), or a booking notice (camt.054)."""

    REPORT = "REPORT"
    NOTICE = "NOTICE"


class Outcome(StrEnum):
    """What a bank finally says of a transfer; what is not final is not reported."""

    PAID = "PAID"
    RETURNED = "RETURNED"


class Word(NamedTuple):
    """One thing a bank says of one transfer."""

    source: Source
    outcome: Outcome


class Contradiction(ValueError):
    """Both cannot be true: a person asks the bank."""


CREDITED_BACK = Word(Source.NOTICE, Outcome.RETURNED)


def consequences(known: Outcome | None, heard: Collection[Word], word: Word) -> tuple[Outcome, ...]:
    """Return the outcomes that an order takes, in order, when the bank says `word`.

    `known` is the order's outcome so far, `heard` all that the bank said of it before. Nothing follows
    from a repetition. Money credited back had been debited: a return booked before its debit is the
    execution and the return. Raises Contradiction for a rejection after an execution, which only a
    booking notice undoes, and for an execution after a rejection, unless the money is known to be back.
    """
    if word.outcome is known:
        return ()
    if known is None:
        return (Outcome.PAID, Outcome.RETURNED) if word == CREDITED_BACK else (word.outcome,)
    if word == CREDITED_BACK:
        return (Outcome.RETURNED,)
    went_and_came_back = CREDITED_BACK in heard or any(
        each.outcome is Outcome.PAID for each in heard
    )
    if known is Outcome.RETURNED and went_and_came_back:
        return ()
    raise Contradiction(f"{word} after {known}")
