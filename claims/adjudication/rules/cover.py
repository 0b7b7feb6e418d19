"""Étape 5 : ce que l'assurance couvre."""

from claims.adjudication.decision import Rule
from claims.adjudication.facts import ClaimFacts, LineFacts, LineKind
from claims.adjudication.law import LawOn
from claims.adjudication.line import JudgedLine
from claims.adjudication.reasons import Reason


def judge_cover(line: JudgedLine, facts: ClaimFacts, law: LawOn) -> JudgedLine:
    """Un médicament dont le taux de la liste est nul, ou un acte exclu, n'est pas remboursé.

    Référence : liste des médicaments remboursables ; décret 2-05-737 (panier de soins).
    """
    if _is_covered(line.facts):
        return line
    return line.deny(Rule.COVER, Reason.NOT_COVERED, "principles.cover")


def _is_covered(line: LineFacts) -> bool:
    if line.kind is LineKind.MEDICINE:
        return line.list_rate != 0
    return line.covered
