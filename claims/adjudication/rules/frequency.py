"""Étape 9 : la périodicité."""

from collections import Counter
from dataclasses import replace
from datetime import date

from claims.adjudication.decision import FrequencyUse, Rule
from claims.adjudication.facts import ClaimFacts
from claims.adjudication.law import Frequency, Law, frequency_key
from claims.adjudication.line import JudgedLine, by_care_day
from claims.adjudication.reasons import Reason
from core.periods import counts_in_window, has_reached_age

# Uses by frequency and care day.
Uses = Counter[tuple[str, date]]


def judge_frequency(
    lines: tuple[JudgedLine, ...], facts: ClaimFacts, law: Law
) -> tuple[JudgedLine, ...]:
    """Un soin à périodicité n'est remboursé qu'un nombre de fois dans sa période.

    Comptent les usages antérieurs et les lignes précédentes de la feuille qui n'ont pas été
    refusées, dans la période qui finit le jour du soin ; une ligne est un usage, quelle que soit
    sa quantité. La période d'un mineur se juge à son âge le jour du soin.

    Référence : voir ``frequencies`` (à confirmer).
    """
    uses: Uses = Counter((use.frequency, use.care_date) for use in facts.used_before)
    judged = {line.position: line for line in lines}
    for line in by_care_day(lines):
        name = line.facts.frequency
        if line.denied or name is None:
            continue
        judged[line.position] = _counted(line, name, facts.patient.birth_date, uses, law)
        if not judged[line.position].denied:
            uses[name, line.facts.care_date] += 1
    return tuple(judged[line.position] for line in lines)


def _counted(line: JudgedLine, name: str, birth_date: date, uses: Uses, law: Law) -> JudgedLine:
    care_date = line.facts.care_date
    on_the_day = law.at(care_date)
    minor = not has_reached_age(birth_date, on_the_day.age("majority"), care_date)
    rule = on_the_day.frequency(name, minor=minor)
    earlier = sum(
        count
        for (used, day), count in uses.items()
        if used == name and counts_in_window(day, rule.period_months, care_date)
    )
    if earlier < rule.limit:
        return replace(line, frequency=FrequencyUse(name, earlier, rule.limit))
    return _denied(line, frequency_key(name, minor=minor), rule, earlier)


def _denied(line: JudgedLine, reference: str, rule: Frequency, earlier: int) -> JudgedLine:
    return line.deny(
        Rule.FREQUENCY,
        Reason.FREQUENCY_EXCEEDED,
        reference,
        earlier=earlier,
        limit=rule.limit,
        period_months=rule.period_months,
        care_date=line.facts.care_date.isoformat(),
    )
