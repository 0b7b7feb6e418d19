"""Étape 6 : le tarif de référence de la ligne."""

from dataclasses import replace

from claims.adjudication.decision import Rule, Step
from claims.adjudication.facts import ClaimFacts, LineFacts, LineKind
from claims.adjudication.law import LawOn, NoLawInForce
from claims.adjudication.line import JudgedLine
from claims.adjudication.reasons import Reason
from core.money import round_half_up

HUNDREDTHS = 100


def judge_tariff(line: JudgedLine, facts: ClaimFacts, law: LawOn) -> JudgedLine:
    """Le tarif est la valeur de la lettre clé, multipliée par le coefficient et la quantité.

    Un acte qui a un tarif forfaitaire le prend, multiplié par la quantité. Un médicament prend son
    prix base de remboursement, multiplié par la quantité. Un seul arrondi, après la quantité. Si
    aucune valeur de la lettre n'existe dans le secteur ce jour-là, la ligne est refusée et un
    agent examine le dossier.

    Référence : convention approuvée par l'arrêté 1961-06 ; décret 2-05-733, article 8.
    """
    if line.facts.kind is LineKind.MEDICINE:
        step = _medicine(line.facts)
    elif line.facts.flat_tariff is not None:
        step = _flat(line.facts, line.facts.flat_tariff)
    else:
        try:
            step = _letter(line, law)
        except NoLawInForce as missing:
            return line.deny(
                Rule.TARIFF,
                Reason.NO_TARIFF,
                missing.key,
                letter=line.facts.letter or "",
                care_date=line.facts.care_date.isoformat(),
            )
    return replace(line.with_step(step), tariff=step.after)


def _medicine(line: LineFacts) -> Step:
    price = line.base_price or 0
    details = (("base_price_centimes", price), ("quantity", line.quantity))
    tariff = price * line.quantity
    return Step(
        Rule.TARIFF, "medicine_tariff", "principles.medicine_base", 0, tariff, None, details
    )


def _flat(line: LineFacts, flat_tariff: int) -> Step:
    details = (("flat_tariff_centimes", flat_tariff), ("quantity", line.quantity))
    tariff = flat_tariff * line.quantity
    return Step(Rule.TARIFF, "flat_tariff", "principles.flat_tariff", 0, tariff, None, details)


def _letter(line: JudgedLine, law: LawOn) -> Step:
    letter, coefficient = line.facts.letter or "", line.facts.coefficient or 0
    value, reference = law.letter_value(letter, line.provider.sector)
    tariff = round_half_up(value * coefficient * line.facts.quantity, HUNDREDTHS)
    details = (
        ("letter", letter),
        ("value_centimes", value),
        ("coefficient_hundredths", coefficient),
        ("quantity", line.facts.quantity),
    )
    return Step(Rule.TARIFF, "letter_tariff", reference, 0, tariff, None, details)
