"""The dose of a day against the maximum, and a renewal that comes too early. Pure."""

import re
from decimal import Decimal
from fractions import Fraction

from prescriptions.rules.safety.alerts import (
    Alert,
    Case,
    Gap,
    Kind,
    Level,
    NotChecked,
    Source,
    Treatment,
    alert_key,
    severity_of,
)
from prescriptions.rules.safety.facts import Facts, Settings
from prescriptions.rules.safety.names import SEPARATOR
from prescriptions.rules.safety.routes import Route, route_of

Answer = tuple[list[Alert], list[NotChecked]]
_MILLIGRAMS = {
    "MG": Fraction(1),
    "G": Fraction(1000),
    "µG": Fraction(1, 1000),
    "MCG": Fraction(1, 1000),
}
_COUNTED = ("comprime", "gelule", "capsule", "dragee", "sachet", "suppositoire")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
HUNDRED = 100


def maxima(case: Case, facts: Facts) -> Answer:
    """The dose of each substance, all new and running treatments together, against its maximum.

    Counted only where a unit of the form is a dose (a tablet, a capsule); a syrup is not checked.
    """
    months = case.patient.months_on(case.day)
    if months is None:
        return [], [NotChecked(Kind.MAXIMUM_DOSE, Gap.PATIENT_UNKNOWN)]
    if months < facts.maxima.adult_from_months:
        return [], [NotChecked(Kind.MAXIMUM_DOSE, Gap.NO_TABLE)]
    gaps: list[NotChecked] = []
    found: list[Alert] = []
    for name in _names(case, facts):
        most = facts.maxima.milligrams.get(name)
        if most is None:
            gaps.append(NotChecked(Kind.MAXIMUM_DOSE, Gap.NO_TABLE, name))
            continue
        taking, total = _a_day(name, case, facts)
        if total is None:
            gaps.append(NotChecked(Kind.MAXIMUM_DOSE, Gap.DOSE_UNKNOWN, name))
        elif total > most:
            found.append(_over(name, taking, total, most, facts))
    return found, gaps


def _names(case: Case, facts: Facts) -> list[str]:
    names = (
        facts.name(substance)
        for treatment in case.new
        if route_of(treatment.product.form) is not Route.LOCAL
        for substance in treatment.product.substances
    )
    return list(dict.fromkeys(names))


def _a_day(name: str, case: Case, facts: Facts) -> tuple[tuple[Treatment, ...], Fraction | None]:
    """Treatments with a substance, and its milligrams of a day; None when a new one cannot be counted."""
    taking, total = [], Fraction(0)
    for treatment in (*case.new, *case.current):
        strength = _strength(treatment, name, facts)
        if strength is None:
            continue
        amount = _milligrams(treatment, strength)
        if amount is None and treatment.is_new:
            return (), None
        if amount is not None and not (_renewed(treatment, case)):
            taking.append(treatment)
            total += amount
    return tuple(taking), total


def _renewed(treatment: Treatment, case: Case) -> bool:
    """A running treatment that a new line takes up again is not added to it."""
    substances = set(treatment.product.substances)
    return not treatment.is_new and any(
        set(new.product.substances) == substances for new in case.new
    )


def _strength(treatment: Treatment, name: str, facts: Facts) -> tuple[str, str] | None:
    """The written strength and unit of one substance of a product; None when it is not in it."""
    product = treatment.product
    strengths = product.strength.split(SEPARATOR)
    units = product.strength_unit.split(SEPARATOR)
    for number, substance in enumerate(product.inn.split(SEPARATOR)):
        if facts.name(substance) == name:
            strength = strengths[number] if number < len(strengths) else ""
            unit = units[number] if number < len(units) else units[-1]
            return strength, unit
    return None


def _milligrams(treatment: Treatment, strength: tuple[str, str]) -> Fraction | None:
    amount, unit = strength
    number = _NUMBER.fullmatch(amount.strip())
    in_milligrams = _MILLIGRAMS.get(unit.strip().upper())
    words = treatment.product.form.lower()
    counted = any(each in words for each in _COUNTED)
    if treatment.per_day is None or number is None or in_milligrams is None or not counted:
        return None
    return Fraction(number.group().replace(",", ".")) * in_milligrams * treatment.per_day


def _over(
    name: str, taking: tuple[Treatment, ...], total: Fraction, most: int, facts: Facts
) -> Alert:
    level = Level.CONTRAINDICATED
    told = f"{Decimal(total.numerator) / total.denominator:.10g}"
    return Alert(
        key=alert_key(Kind.MAXIMUM_DOSE, name),
        kind=Kind.MAXIMUM_DOSE,
        level=level,
        severity=severity_of(level),
        treatments=taking,
        pair=(name,),
        mechanism={
            "fr": f"{told} mg par jour ; au plus {most} mg par jour chez l’adulte.",
            "ar": f"{told} ملغ في اليوم؛ الحد الأقصى {most} ملغ في اليوم للبالغ.",
        },
        advice={
            "fr": "Réduire la dose, ou écrire « je dis bien » si elle est voulue.",
            "ar": "خفض الجرعة، أو كتابة «أقولها صراحة» إن كانت مقصودة.",
        },
        source=facts.maxima.source,
    )


def early_renewals(case: Case, settings: Settings, source: Source) -> Answer:
    """A treatment written again before most of the running one was taken."""
    if not case.history_is_open:
        return [], [NotChecked(Kind.EARLY_RENEWAL, Gap.HISTORY_CLOSED)]
    found: dict[str, Alert] = {}
    for new in case.new:
        for current in case.current:
            substances = set(new.product.substances)
            same = bool(substances) and substances == set(current.product.substances)
            if same and _too_early(new, current, settings):
                key = alert_key(Kind.EARLY_RENEWAL, *sorted(substances))
                found.setdefault(key, _early(key, new, current, source))
    return list(found.values()), []


def _too_early(new: Treatment, current: Treatment, settings: Settings) -> bool:
    if new.starts >= current.ends:
        return False
    whole = (current.ends - current.starts).days
    taken = (new.starts - current.starts).days
    return taken * HUNDRED < whole * settings.early_share_percent


def _early(key: str, new: Treatment, current: Treatment, source: Source) -> Alert:
    ends = current.ends.strftime("%d/%m/%Y")
    return Alert(
        key=key,
        kind=Kind.EARLY_RENEWAL,
        level=Level.PRECAUTION,
        severity=severity_of(Level.PRECAUTION),
        treatments=(new, current),
        pair=new.product.substances,
        mechanism={
            "fr": f"Le même traitement court jusqu’au {ends}.",
            "ar": f"نفس العلاج مستمر إلى غاية {ends}.",
        },
        advice={
            "fr": "Vérifier ce qui reste chez le patient.",
            "ar": "التحقق مما تبقى لدى المريض.",
        },
        source=source,
    )
