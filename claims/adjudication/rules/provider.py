"""Étape 4 : le conventionnement du professionnel."""

from claims.adjudication.decision import Rule
from claims.adjudication.facts import ClaimFacts
from claims.adjudication.line import JudgedLine
from claims.adjudication.reasons import Reason
from core.periods import lies_in_any

REFERENCE = "principles.provider_agreement"


def judge_provider(lines: list[JudgedLine], facts: ClaimFacts) -> None:
    """Le professionnel qui a exécuté le soin est conventionné le jour du soin.

    Référence : voir ``principles.provider_agreement``.
    """
    for line in lines:
        if not line.denied and not lies_in_any(line.care_date, line.provider.agreements):
            day = line.care_date.isoformat()
            line.deny(Rule.PROVIDER, Reason.PROVIDER_NOT_AGREED, REFERENCE, care_date=day)
