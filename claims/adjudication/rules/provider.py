"""Étape 4 : le conventionnement du professionnel."""

from claims.adjudication.decision import Rule
from claims.adjudication.facts import ClaimFacts
from claims.adjudication.law import LawOn
from claims.adjudication.line import JudgedLine
from claims.adjudication.reasons import Reason
from core.periods import lies_in_any


def judge_provider(line: JudgedLine, facts: ClaimFacts, law: LawOn) -> JudgedLine:
    """Le professionnel qui a exécuté le soin est conventionné le jour du soin.

    Référence : voir ``principles.provider_agreement``.
    """
    care_date = line.facts.care_date
    if lies_in_any(care_date, line.provider.agreements):
        return line
    return line.deny(
        Rule.PROVIDER,
        Reason.PROVIDER_NOT_AGREED,
        "principles.provider_agreement",
        care_date=care_date.isoformat(),
    )
