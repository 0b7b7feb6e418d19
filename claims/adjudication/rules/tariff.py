"""Étape 6 : le tarif de référence de la ligne."""

from claims.adjudication.decision import Rule, Step
from claims.adjudication.facts import ClaimFacts, LineFacts, LineKind
from claims.adjudication.law import NoLawInForce
from claims.adjudication.line import JudgedLine
from claims.adjudication.reasons import Reason
from core.money import round_half_up

HUNDREDTHS = 100
_MEDICINE = ("base_price_centimes", "quantity")
_FLAT = ("flat_tariff_centimes", "quantity")
_LETTER = ("letter", "value_centimes", "coefficient_hundredths", "quantity")


def judge_tariff(lines: list[JudgedLine], facts: ClaimFacts) -> None:
    """Le tarif est la valeur de la lettre clé, multipliée par le coefficient et la quantité.

    Un acte qui a un tarif forfaitaire le prend, multiplié par la quantité. Un médicament prend son
    prix base de remboursement, multiplié par la quantité. Un seul arrondi, après la quantité. Si
    aucune valeur de la lettre n'existe dans le secteur ce jour-là, la ligne est refusée et un
    agent examine le dossier.

    Référence : convention approuvée par l'arrêté 1961-06 ; décret 2-05-733, article 8.
    """
    for line in lines:
        if line.denied:
            continue
        try:
            step = _tariff(line)
        except NoLawInForce as missing:
            _deny(line, missing.key)
        else:
            line.tariff = step.after
            line.steps.append(step)


def _tariff(line: JudgedLine) -> Step:
    """The step that gives the tariff. Raises NoLawInForce for a letter without value."""
    facts = line.facts
    if facts.kind is LineKind.MEDICINE:
        return _medicine(facts)
    if facts.flat_tariff is not None:
        return _flat(facts, facts.flat_tariff)
    return _letter(line)


def _deny(line: JudgedLine, reference: str) -> None:
    letter, day = line.facts.letter or "", line.care_date.isoformat()
    line.deny(Rule.TARIFF, Reason.NO_TARIFF, reference, letter=letter, care_date=day)


def _medicine(line: LineFacts) -> Step:
    price = line.base_price or 0
    tariff, reference = price * line.quantity, "principles.medicine_base"
    figures = (price, line.quantity)
    return Step(Rule.TARIFF, "medicine_tariff", reference, 0, tariff, None, _MEDICINE, figures)


def _flat(line: LineFacts, flat_tariff: int) -> Step:
    tariff, reference = flat_tariff * line.quantity, "principles.flat_tariff"
    figures = (flat_tariff, line.quantity)
    return Step(Rule.TARIFF, "flat_tariff", reference, 0, tariff, None, _FLAT, figures)


def _letter(line: JudgedLine) -> Step:
    facts = line.facts
    letter, coefficient = facts.letter or "", facts.coefficient or 0
    value, reference = line.law.letter_value(letter, line.provider.sector)
    tariff = round_half_up(value * coefficient * facts.quantity, HUNDREDTHS)
    figures = (letter, value, coefficient, facts.quantity)
    return Step(Rule.TARIFF, "letter_tariff", reference, 0, tariff, None, _LETTER, figures)
