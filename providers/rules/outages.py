"""How a declared outage moves a limit that falls in it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class OutageDays:
    """The days of an outage, both included; without a last day it is going on."""

    code: str
    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class Extended:
    """A last day, None while an outage is going on, and the outage that moved it last, if any."""

    last_day: date | None
    outage: str = ""

    def holds(self, day: date) -> bool:
        """Tell whether a day is not past the limit."""
        return self.last_day is None or day <= self.last_day


def extended(last_day: date, outages: Sequence[OutageDays], *, grace_days: int) -> Extended:
    """Repousser un dernier jour qui tombe pendant une panne déclarée.

    Le dernier jour devient le `grace_days`-ième jour après la fin de la panne ; une autre panne en cours
    ce jour-là le repousse encore. Les pannes sont données de la première à la dernière.

    Référence : paramètre `delays.outage_grace_days`, à confirmer.
    """
    code = ""
    for outage in outages:
        if not outage.first <= last_day or (outage.last is not None and outage.last < last_day):
            continue
        if outage.last is None:
            return Extended(None, outage.code)
        last_day, code = outage.last + timedelta(days=grace_days), outage.code
    return Extended(last_day, code)
