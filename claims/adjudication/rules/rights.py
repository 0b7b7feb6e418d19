"""Étape 2 : l'ouverture des droits."""

from claims.adjudication.decision import Rule
from claims.adjudication.facts import ClaimFacts
from claims.adjudication.line import JudgedLine
from claims.adjudication.reasons import Reason
from core.periods import lies_in_any


def judge_rights(lines: list[JudgedLine], facts: ClaimFacts) -> None:
    """Le soin n'est remboursé que si les droits sont ouverts le jour du soin.

    Référence : CNSS, « Qui peut en bénéficier ? » ; loi 65-00.
    """
    rights = facts.rights
    for line in lines:
        if not line.denied and not lies_in_any(line.care_date, rights):
            day = line.care_date.isoformat()
            line.deny(Rule.RIGHTS, Reason.RIGHTS_CLOSED, "principles.rights", care_date=day)
