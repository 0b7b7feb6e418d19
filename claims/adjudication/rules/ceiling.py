"""Étape 11 : le plafond."""

from collections import Counter
from dataclasses import replace
from datetime import date

from claims.adjudication.decision import CeilingUse, Rule, Step
from claims.adjudication.facts import ClaimFacts
from claims.adjudication.law import Ceiling, Law
from claims.adjudication.line import JudgedLine, by_care_day
from claims.adjudication.reasons import Reason
from core.periods import counts_in_window

# Reimbursed by ceiling and care day: a day's payments count together or not at all.
Payments = Counter[tuple[str, date]]


def judge_ceiling(
    lines: tuple[JudgedLine, ...], facts: ClaimFacts, law: Law
) -> tuple[JudgedLine, ...]:
    """Sous un plafond, le remboursement s'arrête à ce qui reste dans la période.

    Compte ce qui a été remboursé sous ce plafond, auparavant et sur les lignes précédentes de la
    feuille, dans la période qui finit le jour du soin.

    Référence : CNSS, 2015 (prothèses dentaires).
    """
    payments: Payments = Counter()
    for paid in facts.paid_before:
        payments[paid.ceiling, paid.care_date] += paid.reimbursed
    judged = {line.position: line for line in lines}
    for line in by_care_day(lines):
        name = line.facts.ceiling
        if line.denied or name is None:
            continue
        capped = _capped(line, name, payments, law.at(line.facts.care_date).ceiling(name))
        judged[line.position] = capped
        payments[name, line.facts.care_date] += capped.reimbursed
    return tuple(judged[line.position] for line in lines)


def _capped(line: JudgedLine, name: str, payments: Payments, rule: Ceiling) -> JudgedLine:
    care_date = line.facts.care_date
    used = sum(
        reimbursed
        for (ceiling, day), reimbursed in payments.items()
        if ceiling == name and counts_in_window(day, rule.period_months, care_date)
    )
    left = max(0, rule.amount_centimes - used)
    amount = min(line.reimbursed, left)
    cut = amount < line.reimbursed
    step = Step(
        Rule.CEILING,
        "ceiling_reached" if cut else "ceiling_left",
        f"ceilings.{name}",
        line.reimbursed,
        amount,
        Reason.CEILING_REACHED if cut else None,
        (
            ("ceiling_centimes", rule.amount_centimes),
            ("period_months", rule.period_months),
            ("left_centimes", left),
        ),
    )
    use = CeilingUse(name, left, amount)
    return replace(line.with_step(step), reimbursed=amount, ceiling=use)
