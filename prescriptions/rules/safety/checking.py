"""One safety check: every kind of alert, gravest first, and everything that was not checked. Pure."""

from collections.abc import Iterable
from datetime import date

from prescriptions.rules.safety import doses, interactions, patients
from prescriptions.rules.safety.alerts import (
    RANK,
    Alert,
    Case,
    Gap,
    Kind,
    Level,
    NotChecked,
    Report,
    Source,
    gravest_first,
)
from prescriptions.rules.safety.facts import facts, settings_on
from prescriptions.rules.safety.thesaurus import Thesaurus

_OUR_RULE = "Waraqa"


def check(case: Case, thesaurus: Thesaurus | None) -> Report:
    """Check the new treatments of a case against each other, the history and the patient.

    Without a thesaurus (None) every other check is made, and interactions are told as not checked.
    """
    tables = facts()
    alerts: list[Alert] = []
    gaps: list[NotChecked] = []
    if thesaurus is None:
        gaps.append(NotChecked(Kind.INTERACTION, Gap.THESAURUS_MISSING))
    else:
        alerts += interactions.interactions(case, thesaurus)
        gaps += interactions.unknown_substances(case, thesaurus)
    if not case.history_is_open:
        gaps.append(NotChecked(Kind.INTERACTION, Gap.HISTORY_CLOSED))
    alerts += interactions.duplicates(case, tables)
    ours = Source(_OUR_RULE, date(case.day.year, 1, 1))
    answers = (
        patients.allergies(case, tables),
        patients.pregnancy(case, tables),
        patients.breast_feeding(case, tables),
        patients.ages(case, tables),
        patients.long_illnesses(case, tables),
        doses.maxima(case, tables),
        doses.early_renewals(case, settings_on(case.day), ours),
    )
    for found, missing in answers:
        alerts += found
        gaps += missing
    return Report(gravest_first(_without_echoes(alerts)), tuple(dict.fromkeys(gaps)))


def _without_echoes(alerts: Iterable[Alert]) -> list[Alert]:
    """One sentence a problem: two of a class that the thesaurus already speaks of are not told again."""
    listed = list(alerts)
    spoken = {frozenset(each.pair) for each in listed if each.kind is Kind.INTERACTION}
    return [
        each
        for each in listed
        if each.kind is not Kind.DUPLICATE
        or each.level is not Level.PRECAUTION
        or frozenset(each.pair) not in spoken
    ]


def highest_interaction(report: Report) -> Level | None:
    """The gravest level asserted of an interaction; CONDITIONAL where each one depends on a condition."""
    levels = [alert.level for alert in report.of(Kind.INTERACTION)]
    return max(levels, key=lambda level: RANK.get(level, 0), default=None)
