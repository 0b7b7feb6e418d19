"""Étape 7 : le cumul d'actes du même professionnel le même jour."""

from datetime import date

from claims.adjudication.decision import Rule, Step
from claims.adjudication.facts import ClaimFacts, LineFacts, LineKind
from claims.adjudication.law import LawOn
from claims.adjudication.line import JudgedLine
from claims.adjudication.reasons import Reason
from core.money import BASIS_POINTS, round_half_up

REFERENCE = "accumulation.factors"
_NAMES = ("rank", "factor_bp")


def judge_accumulation(lines: list[JudgedLine], facts: ClaimFacts) -> None:
    """Le tarif le plus élevé est retenu en entier, le deuxième à moitié, les autres à zéro.

    Sont pris ensemble les actes en K, Ka et Kc du même professionnel le même jour, forfaits
    compris ; une ligne de quantité supérieure à un reste en dehors. À tarif égal, la première de
    la feuille passe devant. Une ligne déjà refusée ne prend pas de rang.

    Référence : arrêté de 2006, article 9 B (à confirmer).
    """
    groups: dict[tuple[str, date], list[JudgedLine]] = {}
    for line in lines:
        if not line.denied and _is_accumulated(line.facts, line.law):
            groups.setdefault((line.provider.id, line.care_date), []).append(line)
    for group in groups.values():
        _rank(group)


def _is_accumulated(line: LineFacts, law: LawOn) -> bool:
    if line.kind is not LineKind.ACT or line.quantity != 1:
        return False
    return line.letter in law.accumulated_letters()


def _rank(group: list[JudgedLine]) -> None:
    """Leave each line of one provider and one day the share of its rank; equal ones keep order."""
    first, second, further = group[0].law.accumulation_factors()
    group.sort(key=lambda line: -line.tariff)
    for rank, line in enumerate(group, start=1):
        _reduce(line, rank, {1: first, 2: second}.get(rank, further))


def _reduce(line: JudgedLine, rank: int, factor: int) -> None:
    if factor == BASIS_POINTS:
        return
    if factor == 0:
        line.deny(Rule.ACCUMULATION, Reason.FURTHER_ACT_NOT_BILLED, REFERENCE, rank=rank)
        return
    tariff = round_half_up(line.tariff * factor, BASIS_POINTS)
    reason = Reason.SECOND_ACT_HALVED
    line.steps.append(
        Step(
            Rule.ACCUMULATION,
            reason.lower(),
            REFERENCE,
            line.tariff,
            tariff,
            reason,
            _NAMES,
            (rank, factor),
        )
    )
    line.give(reason)
    line.reduced_tariff = tariff
