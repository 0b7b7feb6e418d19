"""Étape 1 : le délai de dépôt."""

from datetime import date

from claims.adjudication.decision import Rule
from claims.adjudication.facts import ClaimFacts
from claims.adjudication.law import Law
from claims.adjudication.line import JudgedLine
from claims.adjudication.reasons import Reason
from core.periods import add_days, add_months


def judge_filing(
    lines: tuple[JudgedLine, ...], facts: ClaimFacts, law: Law
) -> tuple[JudgedLine, ...]:
    """Le dossier est déposé dans les deux mois du premier acte, ou soixante jours après la fin.

    Le délai court du premier jour de soin de la feuille, toutes lignes comprises, et finit deux
    mois plus tard, le même quantième (ou le dernier jour du mois), ce jour inclus. Pour un
    traitement continu, il finit soixante jours après la fin du traitement, ce jour inclus. Un
    empêchement reconnu (``excused``) lève le délai. Passé le délai, aucune ligne n'est remboursée.

    Référence : feuille de soins 610-1-02, instructions.
    """
    if facts.excused:
        return lines
    limit, reference = _limit(facts, law)
    if facts.received_date <= limit:
        return lines
    received, last = facts.received_date.isoformat(), limit.isoformat()
    return tuple(
        line.deny(
            Rule.FILING, Reason.FILED_LATE, reference, received_date=received, limit_date=last
        )
        for line in lines
    )


def _limit(facts: ClaimFacts, law: Law) -> tuple[date, str]:
    """Last day to file, and the parameter it comes from."""
    first_day = min(line.care_date for line in facts.lines)
    if facts.treatment_end_date is not None:
        days = law.at(first_day).delay("continuous_treatment_days")
        return add_days(facts.treatment_end_date, days), "delays.continuous_treatment_days"
    months = law.at(first_day).delay("filing_months")
    return add_months(first_day, months), "delays.filing_months"
