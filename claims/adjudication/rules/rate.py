"""Étape 10 : la base, le taux et le montant."""

from claims.adjudication.decision import Rule, Step, StepValue
from claims.adjudication.facts import ClaimFacts, LineFacts, LineKind, Scheme, Sector
from claims.adjudication.line import JudgedLine
from claims.adjudication.reasons import Reason
from core.money import BASIS_POINTS, round_half_up

# Basis points, wording, parameter of the law.
Rate = tuple[int, str, str]
_NAMES: tuple[str, ...] = ("base_centimes", "amount_centimes")
_OF_ILLNESS = (*_NAMES, "illness")
_BY_ILLNESS = frozenset({"illness_rate", "public_illness_rate"})


def judge_rate(lines: list[JudgedLine], facts: ClaimFacts) -> None:
    """Le montant est le taux multiplié par la base : le tarif, ou le prix payé s'il est plus bas.

    Le taux est le plus élevé de ceux qui s'appliquent : 70 % pour un acte, celui de la liste pour
    un médicament, celui de la longue maladie reconnue le jour du soin, au moins 90 % dans le
    secteur public pour cette maladie, 100 % pour AMO TADAMON dans le secteur public.

    Référence : CNSS, « Que couvre l'AMO ? » ; décret 2-05-733, articles 1, 2 et 8.
    """
    for line in lines:
        if line.denied:
            continue
        _take_base(line)
        rate, sentence, reference = _best_rate(line, facts)
        line.rate = rate
        line.reimbursed = amount = round_half_up(line.base * rate, BASIS_POINTS)
        figures: tuple[StepValue, ...] = (line.base, amount)
        names = _NAMES
        if sentence in _BY_ILLNESS:
            names, figures = _OF_ILLNESS, (*figures, line.facts.illness or "")
        line.steps.append(Step(Rule.RATE, sentence, reference, 0, rate, None, names, figures))


def _best_rate(line: JudgedLine, facts: ClaimFacts) -> Rate:
    """The highest rate that applies, the first of equal ones."""
    best = _ordinary(line)
    if facts.illnesses and line.facts.illness is not None:
        best = max([best, *_of_illness(line, facts)], key=_basis_points)
    if facts.scheme is Scheme.TADAMON and line.provider.sector is Sector.PUBLIC:
        rate = line.law.rate("tadamon_public")
        best = max(best, (rate, "tadamon_rate", "rates.tadamon_public"), key=_basis_points)
    return best


def _basis_points(rate: Rate) -> int:
    return rate[0]


def _ordinary(line: JudgedLine) -> Rate:
    if line.facts.kind is LineKind.MEDICINE:
        return line.facts.list_rate or 0, "list_rate", "principles.medicine_rate"
    return line.law.rate("standard_act"), "standard_rate", "rates.standard_act"


def _of_illness(line: JudgedLine, facts: ClaimFacts) -> list[Rate]:
    """Rates of the line's illness where it was recognised on the care day."""
    valid = [
        illness
        for illness in facts.illnesses
        if illness.code == line.facts.illness and illness.valid.contains(line.care_date)
    ]
    rates = [
        (illness.rate, "illness_rate", "rates.long_illness")
        for illness in valid
        if illness.rate is not None
    ]
    if valid and line.provider.sector is Sector.PUBLIC:
        floor = line.law.rate("long_illness_public")
        rates.append((floor, "public_illness_rate", "rates.long_illness_public"))
    return rates


def _take_base(line: JudgedLine) -> None:
    charged, tariff = line.facts.charged, line.counted_tariff
    if charged <= tariff:
        line.base = charged
        line.steps.append(Step(Rule.RATE, "base_is_charge", "principles.amount", charged, charged))
        return
    line.base = tariff
    if _has_cheaper_base(line.facts):
        reason, reference = Reason.GENERIC_BASE, "principles.medicine_base"
    else:
        reason, reference = Reason.PRICE_CAPPED, "principles.amount"
    line.give(reason)
    line.steps.append(Step(Rule.RATE, reason.lower(), reference, charged, tariff, reason))


def _has_cheaper_base(line: LineFacts) -> bool:
    return (
        line.kind is LineKind.MEDICINE
        and line.base_price is not None
        and line.public_price is not None
        and line.base_price < line.public_price
    )
