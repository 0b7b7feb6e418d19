"""Étape 12 : ce qui reste à la charge de l'assuré."""

from claims.adjudication.decision import Rule, Step
from claims.adjudication.facts import ClaimFacts
from claims.adjudication.line import JudgedLine

_NAMES = ("amount_centimes",)


def judge_shares(lines: list[JudgedLine], facts: ClaimFacts) -> None:
    """La part de l'assuré est ce qu'il a payé, moins ce qui est remboursé.

    D'une ligne refusée, l'assuré garde tout à sa charge.
    """
    for line in lines:
        charged, amount = line.facts.charged, line.reimbursed
        share = line.insured_share = charged - amount
        line.steps.append(
            Step(Rule.SHARES, "insured_share", "", charged, share, None, _NAMES, (amount,))
        )
