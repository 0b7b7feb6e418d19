"""Étape 12 : ce qui reste à la charge de l'assuré."""

from dataclasses import replace

from claims.adjudication.decision import Rule, Step
from claims.adjudication.line import JudgedLine


def judge_shares(line: JudgedLine) -> JudgedLine:
    """La part de l'assuré est ce qu'il a payé, moins ce qui est remboursé.

    D'une ligne refusée, l'assuré garde tout à sa charge.
    """
    charged = line.facts.charged
    share = charged - line.reimbursed
    details = (("amount_centimes", line.reimbursed),)
    step = Step(Rule.SHARES, "insured_share", "", charged, share, None, details)
    return replace(line.with_step(step), insured_share=share)
