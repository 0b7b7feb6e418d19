"""Étape 5 : ce que l'assurance couvre."""

from claims.adjudication.decision import Rule
from claims.adjudication.facts import ClaimFacts, LineFacts, LineKind
from claims.adjudication.line import JudgedLine
from claims.adjudication.reasons import Reason


def judge_cover(lines: list[JudgedLine], facts: ClaimFacts) -> None:
    """Un médicament dont le taux de la liste est nul, ou un acte exclu, n'est pas remboursé.

    Référence : liste des médicaments remboursables ; décret 2-05-737 (panier de soins).
    """
    for line in lines:
        if not line.denied and not _is_covered(line.facts):
            line.deny(Rule.COVER, Reason.NOT_COVERED, "principles.cover")


def _is_covered(line: LineFacts) -> bool:
    if line.kind is LineKind.MEDICINE:
        return line.list_rate != 0
    return line.covered
