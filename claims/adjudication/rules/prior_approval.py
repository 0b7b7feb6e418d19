"""Étape 8 : l'entente préalable."""

from dataclasses import replace
from datetime import date

from claims.adjudication.decision import ApprovalUse, Rule, Step
from claims.adjudication.facts import ClaimFacts, LineFacts, LineKind, PriorApprovalFacts
from claims.adjudication.law import Law
from claims.adjudication.line import JudgedLine, by_care_day
from claims.adjudication.reasons import Reason

REFERENCE = "principles.prior_approval"


def judge_prior_approval(
    lines: tuple[JudgedLine, ...], facts: ClaimFacts, law: Law
) -> tuple[JudgedLine, ...]:
    """Un acte soumis à entente préalable en consomme une, valable le jour du soin.

    Une seule entente, pour ce code d'acte, doit couvrir toute la quantité de la ligne. De
    plusieurs, celle qui finit la première est consommée (sans fin : la dernière), puis la première
    citée ; elle le reste même si une étape suivante refuse la ligne.

    Référence : CNSS, « Quand l'entente préalable est-elle nécessaire ? ».
    """
    left = [approval.quantity for approval in facts.prior_approvals]
    judged = {line.position: line for line in lines}
    for line in by_care_day(lines):
        if line.denied or not _needs_approval(line.facts):
            continue
        index = _chosen(line.facts, facts.prior_approvals, left)
        if index is None:
            judged[line.position] = _denied(line)
        else:
            left[index] -= line.facts.quantity
            judged[line.position] = _consuming(line, index, facts.prior_approvals[index], left)
    return tuple(judged[line.position] for line in lines)


def _needs_approval(line: LineFacts) -> bool:
    return line.kind is LineKind.ACT and line.needs_prior_approval


def _chosen(
    line: LineFacts, approvals: tuple[PriorApprovalFacts, ...], left: list[int]
) -> int | None:
    """Place of the approval the line consumes, None when no single one covers it."""
    usable = [
        index
        for index, approval in enumerate(approvals)
        if approval.act == line.act
        and approval.valid.contains(line.care_date)
        and left[index] >= line.quantity
    ]
    return min(usable, key=lambda index: (_end(approvals[index]), index), default=None)


def _end(approval: PriorApprovalFacts) -> tuple[bool, date]:
    """Sorts open approvals after those that end, 9999-12-31 included."""
    end = approval.valid.end
    return (end is None, end or date.max)


def _denied(line: JudgedLine) -> JudgedLine:
    return line.deny(
        Rule.PRIOR_APPROVAL,
        Reason.PRIOR_APPROVAL_MISSING,
        REFERENCE,
        care_date=line.facts.care_date.isoformat(),
        quantity=line.facts.quantity,
    )


def _consuming(
    line: JudgedLine, index: int, approval: PriorApprovalFacts, left: list[int]
) -> JudgedLine:
    quantity = line.facts.quantity
    step = Step(
        Rule.PRIOR_APPROVAL,
        "prior_approval_used",
        REFERENCE,
        left[index] + quantity,
        left[index],
        None,
        (("quantity", quantity),),
    )
    return replace(line.with_step(step), approval=ApprovalUse(index, approval.id, quantity))
