"""How a run of the queue reads: who, how long, how fast, and why a claim was set aside."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.selectors import names_of
from claims.models import Run, WaitingClaim
from claims.selectors import RunProgress
from claims.services import QUARANTINED

Json = dict[str, Any]
MINUTE, HOUR = 60, 3600
JOBS = {
    "system:clock": gettext_lazy("l’horloge"),
    "system:command": gettext_lazy("la ligne de commande"),
}


@dataclass(frozen=True, slots=True)
class Pace:
    """How far a run is, in words: `rate` claims a second, `left` what remains at this rate."""

    total: int
    treated: int
    judged: int
    set_aside: int
    rate: str
    left: str


def pace_of(run: Run, progress: RunProgress, *, at: datetime) -> Pace:
    """The pace of a run under way; nothing is said of the time left while nothing was judged."""
    seconds = progress.seconds_left(run, at=at)
    return Pace(
        total=progress.total,
        treated=progress.done + progress.set_aside,
        judged=progress.done,
        set_aside=progress.set_aside,
        rate=_rate(progress.rate(run, at=at)),
        left="" if seconds is None or not progress.left else lasting(seconds),
    )


def shown_runs(runs: Iterable[Run]) -> list[Json]:
    """Ended runs: who started each, how long it took, how many claims a second were judged."""
    runs = list(runs)
    names = names_of(run.started_by for run in runs)
    return [_shown(run, names) for run in runs]


def _shown(run: Run, names: dict[str, str]) -> Json:
    assert run.ended_at is not None  # noqa: S101 (the table says so of ended runs)
    seconds = (run.ended_at - run.started_at).total_seconds()
    judged = run.judged or 0
    return {
        "run": run,
        "who": names.get(run.started_by) or JOBS.get(run.started_by, run.started_by),
        "judged": judged,
        "lasted": lasting(round(seconds)),
        "rate": _rate(judged / seconds if seconds > 0 else 0),
    }


def _rate(rate: float) -> str:
    """Claims a second; a slow run keeps its decimal, one that hardly moves says nothing."""
    return number_format(rate, decimal_pos=1 if rate < 10 else 0) if rate >= 0.1 else ""


def lasting(seconds: int) -> str:
    """A duration in its two largest units: ``1 h 12 min``, ``3 min 5 s``, ``8 s``."""
    hours, rest = divmod(seconds, HOUR)
    minutes, seconds = divmod(rest, MINUTE)
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    if minutes:
        return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": seconds}
    return _("%(seconds)s s") % {"seconds": seconds}


@dataclass(frozen=True, slots=True)
class SetAside:
    """A claim that was not judged: why, what to do, and `detail`, what the engine said."""

    claim: Any
    since: datetime
    why: str
    todo: str
    detail: str


def shown_aside(rows: Iterable[WaitingClaim]) -> list[SetAside]:
    """Claims set aside, each with its error in words."""
    return [SetAside(row.claim, row.since, *_words(row.error), row.error) for row in rows]


def _words(error: str) -> tuple[str, str]:
    for pattern, words in CAUSES.items():
        if found := re.search(pattern, error):
            return words(found)
    return (
        _("Le moteur n’a pas su lire ce dossier."),
        _("Transmettez le message technique à l’exploitation ; le dossier est gardé tel quel."),
    )


def _no_price(found: re.Match[str]) -> tuple[str, str]:
    values = {"line": found[1], "day": _day(found[2])}
    return (
        _("Ligne %(line)s : le médicament n’avait pas de prix le %(day)s.") % values,
        _("Complétez la liste des médicaments, puis relancez la liquidation."),
    )


def _no_law(found: re.Match[str]) -> tuple[str, str]:
    values = {"key": found[1], "day": _day(found[2])}
    return (
        _("La loi ne donne aucune valeur à « %(key)s » le %(day)s.") % values,
        _("Un administrateur complète la loi ; relancez ensuite la liquidation."),
    )


def _quarantined(_found: re.Match[str]) -> tuple[str, str]:
    return (
        _("Le traitement de ce dossier s’est interrompu trois fois."),
        _("Prévenez l’exploitation avant de relancer ; les autres dossiers sont jugés."),
    )


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%d/%m/%Y}"


CAUSES: dict[str, Callable[[re.Match[str]], tuple[str, str]]] = {
    r"line (\d+): no price on (\d{4}-\d\d-\d\d)": _no_price,
    r"no value of (\S+) is in force on (\d{4}-\d\d-\d\d)": _no_law,
    f"^{QUARANTINED}$": _quarantined,
}
