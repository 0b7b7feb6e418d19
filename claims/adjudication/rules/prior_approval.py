"""Étape 8 : l'entente préalable."""

from datetime import date

from claims.adjudication.decision import ApprovalUse, Rule, Step
from claims.adjudication.facts import ClaimFacts, LineFacts, LineKind, PriorApprovalFacts
from claims.adjudication.line import JudgedLine, by_care_day
from claims.adjudication.reasons import Reason

REFERENCE = "principles.prior_approval"
_NAMES = ("quantity",)


def judge_prior_approval(lines: list[JudgedLine], facts: ClaimFacts) -> None:
    """Un acte soumis à entente préalable en consomme une, valable le jour du soin.

    Une seule entente, pour ce code d'acte, doit couvrir toute la quantité de la ligne. De
    plusieurs, celle qui finit la première est consommée (sans fin : la dernière), puis la première
    citée ; elle le reste même si une étape suivante refuse la ligne.

    Référence : CNSS, « Quand l'entente préalable est-elle nécessaire ? ».
    """
    needing = [line for line in lines if not line.denied and _needs_approval(line.facts)]
    if not needing:
        return
    left = [approval.quantity for approval in facts.prior_approvals]
    for line in by_care_day(needing):
        index = _chosen(line.facts, facts.prior_approvals, left)
        if index is None:
            _deny(line)
        else:
            left[index] -= line.facts.quantity
            _consume(line, index, facts.prior_approvals[index], left[index])


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


def _deny(line: JudgedLine) -> None:
    line.deny(
        Rule.PRIOR_APPROVAL,
        Reason.PRIOR_APPROVAL_MISSING,
        REFERENCE,
        care_date=line.care_date.isoformat(),
        quantity=line.facts.quantity,
    )


def _consume(line: JudgedLine, index: int, approval: PriorApprovalFacts, left: int) -> None:
    quantity = line.facts.quantity
    line.steps.append(
        Step(
            Rule.PRIOR_APPROVAL,
            "prior_approval_used",
            REFERENCE,
            left + quantity,
            left,
            None,
            _NAMES,
            (quantity,),
        )
    )
    line.approval = ApprovalUse(index, approval.id, quantity)
