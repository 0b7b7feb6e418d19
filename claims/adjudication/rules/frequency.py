"""Étape 9 : la périodicité."""

from collections import Counter
from datetime import date

from claims.adjudication.decision import FrequencyUse, Rule
from claims.adjudication.facts import ClaimFacts
from claims.adjudication.law import Frequency, frequency_key
from claims.adjudication.line import JudgedLine, by_care_day
from claims.adjudication.reasons import Reason
from core.periods import counts_in_window, has_reached_age

# Uses by frequency and care day.
Uses = Counter[tuple[str, date]]


def judge_frequency(lines: list[JudgedLine], facts: ClaimFacts) -> None:
    """Un soin à périodicité n'est remboursé qu'un nombre de fois dans sa période.

    Comptent les usages antérieurs et les lignes précédentes de la feuille qui n'ont pas été
    refusées, dans la période qui finit le jour du soin ; une ligne est un usage, quelle que soit
    sa quantité. La période d'un mineur se juge à son âge le jour du soin.

    Référence : voir ``frequencies`` (à confirmer).
    """
    limited = [line for line in lines if not line.denied and line.facts.frequency is not None]
    if not limited:
        return
    uses: Uses = Counter((use.frequency, use.care_date) for use in facts.used_before)
    for line in by_care_day(limited):
        name = line.facts.frequency or ""
        _count(line, name, facts.patient.birth_date, uses)
        if not line.denied:
            uses[name, line.care_date] += 1


def _count(line: JudgedLine, name: str, birth_date: date, uses: Uses) -> None:
    care_date = line.care_date
    minor = not has_reached_age(birth_date, line.law.age("majority"), care_date)
    rule = line.law.frequency(name, minor=minor)
    earlier = sum(
        count
        for (used, day), count in uses.items()
        if used == name and counts_in_window(day, rule.period_months, care_date)
    )
    if earlier < rule.limit:
        line.frequency = FrequencyUse(name, earlier, rule.limit)
    else:
        _deny(line, frequency_key(name, minor=minor), rule, earlier)


def _deny(line: JudgedLine, reference: str, rule: Frequency, earlier: int) -> None:
    line.deny(
        Rule.FREQUENCY,
        Reason.FREQUENCY_EXCEEDED,
        reference,
        earlier=earlier,
        limit=rule.limit,
        period_months=rule.period_months,
        care_date=line.care_date.isoformat(),
    )
