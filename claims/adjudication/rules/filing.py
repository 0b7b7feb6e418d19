"""Étape 1 : le délai de dépôt."""

from datetime import date

from claims.adjudication.decision import Rule
from claims.adjudication.facts import ClaimFacts
from claims.adjudication.law import LawOn
from claims.adjudication.line import JudgedLine, care_day
from claims.adjudication.reasons import Reason
from core.periods import add_days, add_months


def judge_filing(lines: list[JudgedLine], facts: ClaimFacts) -> None:
    """Le dossier est déposé dans les deux mois du premier acte, ou soixante jours après la fin.

    Le délai court du premier jour de soin de la feuille, toutes lignes comprises, et finit deux
    mois plus tard, le même quantième (ou le dernier jour du mois), ce jour inclus. Pour un
    traitement continu, il finit soixante jours après la fin du traitement, ce jour inclus. Un
    empêchement reconnu (``excused``) lève le délai. Passé le délai, aucune ligne n'est remboursée.

    Référence : feuille de soins 610-1-02, instructions.
    """
    if facts.excused:
        return
    first = min(lines, key=care_day)
    limit, reference = filing_limit(first.law, first.care_date, facts.treatment_end_date)
    if facts.received_date <= limit:
        return
    received, last = facts.received_date.isoformat(), limit.isoformat()
    for line in lines:
        line.deny(
            Rule.FILING, Reason.FILED_LATE, reference, received_date=received, limit_date=last
        )


def filing_limit(law: LawOn, first_day: date, treatment_end: date | None) -> tuple[date, str]:
    """Last day to file care that began on a day, by the law of that day; the parameter it comes from."""
    if treatment_end is not None:
        days = law.delay("continuous_treatment_days")
        return add_days(treatment_end, days), "delays.continuous_treatment_days"
    months = law.delay("filing_months")
    return add_months(first_day, months), "delays.filing_months"
