"""Étape 10 : la base, le taux et le montant."""

from dataclasses import replace

from claims.adjudication.decision import Rule, Step
from claims.adjudication.facts import ClaimFacts, LineFacts, LineKind, Scheme, Sector
from claims.adjudication.law import LawOn
from claims.adjudication.line import JudgedLine
from claims.adjudication.reasons import Reason
from core.money import BASIS_POINTS, round_half_up

_BY_ILLNESS = frozenset({"illness_rate", "public_illness_rate"})


def judge_rate(line: JudgedLine, facts: ClaimFacts, law: LawOn) -> JudgedLine:
    """Le montant est le taux multiplié par la base : le tarif, ou le prix payé s'il est plus bas.

    Le taux est le plus élevé de ceux qui s'appliquent : 70 % pour un acte, celui de la liste pour
    un médicament, celui de la longue maladie reconnue le jour du soin, au moins 90 % dans le
    secteur public pour cette maladie, 100 % pour AMO TADAMON dans le secteur public.

    Référence : CNSS, « Que couvre l'AMO ? » ; décret 2-05-733, articles 1, 2 et 8.
    """
    base = min(line.counted_tariff, line.facts.charged)
    rate, sentence, reference = max(_rates(line, facts, law), key=lambda candidate: candidate[0])
    amount = round_half_up(base * rate, BASIS_POINTS)
    details = (("base_centimes", base), ("amount_centimes", amount))
    illness = (("illness", line.facts.illness or ""),) if sentence in _BY_ILLNESS else ()
    steps = (
        _base_step(line, base),
        Step(Rule.RATE, sentence, reference, 0, rate, None, (*details, *illness)),
    )
    return replace(line, base=base, rate=rate, reimbursed=amount, steps=(*line.steps, *steps))


def _rates(line: JudgedLine, facts: ClaimFacts, law: LawOn) -> list[tuple[int, str, str]]:
    """Every rate that applies: basis points, wording, parameter of the law. Never empty."""
    is_public = line.provider.sector is Sector.PUBLIC
    rates = [_ordinary(line.facts, law)]
    valid = [
        illness
        for illness in facts.illnesses
        if illness.code == line.facts.illness and illness.valid.contains(line.facts.care_date)
    ]
    rates += [
        (illness.rate, "illness_rate", "rates.long_illness")
        for illness in valid
        if illness.rate is not None
    ]
    if valid and is_public:
        floor = law.rate("long_illness_public")
        rates.append((floor, "public_illness_rate", "rates.long_illness_public"))
    if is_public and facts.scheme is Scheme.TADAMON:
        rates.append((law.rate("tadamon_public"), "tadamon_rate", "rates.tadamon_public"))
    return rates


def _ordinary(line: LineFacts, law: LawOn) -> tuple[int, str, str]:
    if line.kind is LineKind.MEDICINE:
        return line.list_rate or 0, "list_rate", "principles.medicine_rate"
    return law.rate("standard_act"), "standard_rate", "rates.standard_act"


def _base_step(line: JudgedLine, base: int) -> Step:
    charged = line.facts.charged
    if charged <= line.counted_tariff:
        return Step(Rule.RATE, "base_is_charge", "principles.amount", charged, base)
    reason = _capping_reason(line.facts)
    reference = "principles.medicine_base" if reason is Reason.GENERIC_BASE else "principles.amount"
    return Step(Rule.RATE, reason.lower(), reference, charged, base, reason)


def _capping_reason(line: LineFacts) -> Reason:
    if line.kind is LineKind.MEDICINE and _has_cheaper_base(line):
        return Reason.GENERIC_BASE
    return Reason.PRICE_CAPPED


def _has_cheaper_base(line: LineFacts) -> bool:
    return (
        line.base_price is not None
        and line.public_price is not None
        and line.base_price < line.public_price
    )
