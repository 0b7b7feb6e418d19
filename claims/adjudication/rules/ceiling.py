"""Étape 11 : le plafond."""

from collections import Counter
from datetime import date

from claims.adjudication.decision import CeilingUse, Rule, Step
from claims.adjudication.facts import ClaimFacts
from claims.adjudication.law import Ceiling
from claims.adjudication.line import JudgedLine, by_care_day
from claims.adjudication.reasons import Reason
from core.periods import counts_in_window

# Reimbursed by ceiling and care day: a day's payments count together or not at all.
Payments = Counter[tuple[str, date]]
_NAMES = ("ceiling_centimes", "period_months", "left_centimes")


def judge_ceiling(lines: list[JudgedLine], facts: ClaimFacts) -> None:
    """Sous un plafond, le remboursement s'arrête à ce qui reste dans la période.

    Compte ce qui a été remboursé sous ce plafond, auparavant et sur les lignes précédentes de la
    feuille, dans la période qui finit le jour du soin.

    Référence : CNSS, 2015 (prothèses dentaires).
    """
    limited = [line for line in lines if not line.denied and line.facts.ceiling is not None]
    if not limited:
        return
    payments: Payments = Counter()
    for paid in facts.paid_before:
        payments[paid.ceiling, paid.care_date] += paid.reimbursed
    for line in by_care_day(limited):
        name = line.facts.ceiling or ""
        _cap(line, name, payments, line.law.ceiling(name))
        payments[name, line.care_date] += line.reimbursed


def _cap(line: JudgedLine, name: str, payments: Payments, rule: Ceiling) -> None:
    care_date = line.care_date
    used = sum(
        reimbursed
        for (ceiling, day), reimbursed in payments.items()
        if ceiling == name and counts_in_window(day, rule.period_months, care_date)
    )
    left = max(0, rule.amount_centimes - used)
    amount = min(line.reimbursed, left)
    reason = Reason.CEILING_REACHED if amount < line.reimbursed else None
    sentence = reason.lower() if reason else "ceiling_left"
    figures = (rule.amount_centimes, rule.period_months, left)
    reference, before = f"ceilings.{name}", line.reimbursed
    line.steps.append(
        Step(Rule.CEILING, sentence, reference, before, amount, reason, _NAMES, figures)
    )
    if reason:
        line.give(reason)
    line.reimbursed = amount
    line.ceiling = CeilingUse(name, left, amount)
