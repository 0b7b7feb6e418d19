"""Étape 3 : l'âge de l'enfant à charge."""

from claims.adjudication.decision import Rule
from claims.adjudication.facts import ClaimFacts, PatientFacts, Relation
from claims.adjudication.line import JudgedLine
from claims.adjudication.reasons import Reason
from core.periods import has_reached_age


def judge_dependant(lines: list[JudgedLine], facts: ClaimFacts) -> None:
    """L'enfant est couvert jusqu'à la veille de ses 21 ans, de 26 ans étudiant non marié.

    L'enfant handicapé est couvert sans limite d'âge. Né un 29 février, l'anniversaire tombe le
    1er mars les années ordinaires.

    Référence : loi 65-00, article 5.
    """
    patient = facts.patient
    if patient.relation is not Relation.CHILD or patient.disabled:
        return
    name = _limit_name(patient)
    for line in lines:
        if line.denied:
            continue
        years = line.law.age(name)
        if has_reached_age(patient.birth_date, years, line.care_date):
            _deny(line, name, years)


def _deny(line: JudgedLine, name: str, years: int) -> None:
    line.deny(
        Rule.DEPENDANT,
        Reason.DEPENDANT_TOO_OLD,
        f"ages.{name}",
        limit_years=years,
        care_date=line.care_date.isoformat(),
    )


def _limit_name(patient: PatientFacts) -> str:
    return "student" if patient.student and not patient.married else "child"
