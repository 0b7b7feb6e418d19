"""Étape 7 : le cumul d'actes du même professionnel le même jour."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from claims.adjudication.decision import Rule, Step
from claims.adjudication.facts import ClaimFacts, LineFacts, LineKind
from claims.adjudication.law import Law
from claims.adjudication.line import JudgedLine
from claims.adjudication.reasons import Reason
from core.money import BASIS_POINTS, round_half_up

REFERENCE = "accumulation.factors"


def judge_accumulation(
    lines: tuple[JudgedLine, ...], facts: ClaimFacts, law: Law
) -> tuple[JudgedLine, ...]:
    """Le tarif le plus élevé est retenu en entier, le deuxième à moitié, les autres à zéro.

    Sont pris ensemble les actes en K, Ka et Kc du même professionnel le même jour, forfaits
    compris ; une ligne de quantité supérieure à un reste en dehors. À tarif égal, la première de
    la feuille passe devant. Une ligne déjà refusée ne prend pas de rang.

    Référence : arrêté de 2006, article 9 B (à confirmer).
    """
    groups: dict[tuple[str, date], list[JudgedLine]] = {}
    for line in lines:
        if not line.denied and _is_accumulated(line.facts, law):
            groups.setdefault((line.provider.id, line.facts.care_date), []).append(line)
    ranked = {line.position: line for group in groups.values() for line in _ranked(group, law)}
    return tuple(ranked.get(line.position, line) for line in lines)


def _is_accumulated(line: LineFacts, law: Law) -> bool:
    if line.kind is not LineKind.ACT or line.quantity != 1:
        return False
    return line.letter in law.at(line.care_date).accumulated_letters()


def _ranked(group: list[JudgedLine], law: Law) -> Iterable[JudgedLine]:
    """The lines of one provider and one day, each with the share its rank leaves it."""
    first, second, further = law.at(group[0].facts.care_date).accumulation_factors()
    ordered = sorted(group, key=lambda line: (-line.tariff, line.position))
    for rank, line in enumerate(ordered, start=1):
        yield _reduced(line, rank, {1: first, 2: second}.get(rank, further))


def _reduced(line: JudgedLine, rank: int, factor: int) -> JudgedLine:
    if factor == BASIS_POINTS:
        return line
    if factor == 0:
        return line.deny(Rule.ACCUMULATION, Reason.FURTHER_ACT_NOT_BILLED, REFERENCE, rank=rank)
    tariff = round_half_up(line.tariff * factor, BASIS_POINTS)
    reason = Reason.SECOND_ACT_HALVED
    details = (("rank", rank), ("factor_bp", factor))
    step = Step(Rule.ACCUMULATION, reason.lower(), REFERENCE, line.tariff, tariff, reason, details)
    return replace(line.with_step(step), reduced_tariff=tariff)
