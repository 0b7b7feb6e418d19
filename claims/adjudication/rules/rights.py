"""Étape 2 : l'ouverture des droits."""

from claims.adjudication.decision import Rule
from claims.adjudication.facts import ClaimFacts
from claims.adjudication.law import LawOn
from claims.adjudication.line import JudgedLine
from claims.adjudication.reasons import Reason
from core.periods import lies_in_any


def judge_rights(line: JudgedLine, facts: ClaimFacts, law: LawOn) -> JudgedLine:
    """Le soin n'est remboursé que si les droits sont ouverts le jour du soin.

    Référence : CNSS, « Qui peut en bénéficier ? » ; loi 65-00.
    """
    care_date = line.facts.care_date
    if lies_in_any(care_date, facts.rights):
        return line
    return line.deny(
        Rule.RIGHTS, Reason.RIGHTS_CLOSED, "principles.rights", care_date=care_date.isoformat()
    )
