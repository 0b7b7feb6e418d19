"""What one treatment does to this patient: allergy, pregnancy, breast-feeding, age, long illness. Pure."""

from collections.abc import Callable, Iterable, Iterator

from prescriptions.rules.safety.alerts import (
    Alert,
    Case,
    Gap,
    Kind,
    Level,
    NotChecked,
    Treatment,
    alert_key,
    severity_of,
)
from prescriptions.rules.safety.facts import Caution, Facts, Group, belongs
from prescriptions.rules.safety.routes import Route, route_of

Answer = tuple[list[Alert], list[NotChecked]]
_REACHES_THE_BODY_LITTLE = {Route.LOCAL, Route.VAGINAL}


def allergies(case: Case, facts: Facts) -> Answer:
    """Allergies recorded for the patient, by substance, by class, and to the groups they cross to."""
    recorded = case.patient.allergies
    if recorded is None:
        return [], [NotChecked(Kind.ALLERGY, Gap.PATIENT_UNKNOWN)]
    found: dict[str, Alert] = {}
    gaps: dict[str, NotChecked] = {}
    for treatment, substance in _substances(case):
        name, codes = facts.name(substance), facts.codes(substance)
        if recorded and not codes:
            gaps[name] = NotChecked(Kind.ALLERGY, Gap.NO_ATC, substance)
        for allergy in recorded:
            known = facts.name(allergy.inn) if allergy.inn else allergy.atc
            level, group = _allergy_level(name, codes, allergy.inn, allergy.atc, facts)
            if level is not None:
                key = alert_key(Kind.ALLERGY, known, name)
                found[key] = _allergy_alert(key, treatment, (name, known), level, group, facts)
    return list(found.values()), list(gaps.values())


def _allergy_level(
    name: str, codes: tuple[str, ...], inn: str, atc: str, facts: Facts
) -> tuple[Level | None, Group | None]:
    """How an allergy reaches a substance: itself, its class, its group, or a group it crosses to."""
    if inn and facts.name(inn) == name:
        return Level.CONTRAINDICATED, None
    if atc and belongs(codes, [atc]):
        return Level.CONTRAINDICATED, None
    known = facts.codes(inn) if inn else (atc,)
    mine = [group for group in facts.groups.values() if _touches(known, group.atc)]
    for group in mine:
        if belongs(codes, group.atc):
            return group.level, group
    for group in mine:
        for code, level in group.crossed.items():
            if belongs(codes, facts.groups[code].atc):
                return level, facts.groups[code]
    return None, None


def _touches(known: Iterable[str], group: tuple[str, ...]) -> bool:
    """A recorded code is of the group, whether it is a substance's or a wider class's."""
    return any(belongs([code], group) or belongs(group, [code]) for code in known if code)


def _allergy_alert(
    key: str,
    treatment: Treatment,
    pair: tuple[str, str],
    level: Level,
    group: Group | None,
    facts: Facts,
) -> Alert:
    of = (
        {"fr": "", "ar": ""}
        if group is None
        else {"fr": f" ({group.name['fr']})", "ar": f" ({group.name['ar']})"}
    )
    return Alert(
        key=key,
        kind=Kind.ALLERGY,
        level=level,
        severity=severity_of(level),
        treatments=(treatment,),
        pair=pair,
        mechanism={
            "fr": f"Allergie enregistrée du patient{of['fr']}.",
            "ar": f"حساسية مسجلة لدى المريض{of['ar']}.",
        },
        advice={
            "fr": "Choisir un médicament d’une autre classe.",
            "ar": "اختيار دواء من فئة أخرى.",
        },
        source=facts.allergy_source,
    )


def pregnancy(case: Case, facts: Facts) -> Answer:
    """Uses forbidden or restrained in pregnancy; a man is not asked."""
    patient = case.patient
    if patient.sex == "M" or patient.pregnant is False:
        return [], []
    if patient.pregnant is None:
        return [], [NotChecked(Kind.PREGNANCY, Gap.PATIENT_UNKNOWN)]
    return _cautions(case, facts, Kind.PREGNANCY, facts.pregnancy, lambda _caution: True)


def breast_feeding(case: Case, facts: Facts) -> Answer:
    """Uses forbidden or restrained while breast-feeding; asked only when it was recorded."""
    if not case.patient.breast_feeding:
        return [], []
    return _cautions(case, facts, Kind.BREAST_FEEDING, facts.breast_feeding, lambda _caution: True)


def ages(case: Case, facts: Facts) -> Answer:
    """Limits of age, in completed months on the day of the check."""
    months = case.patient.months_on(case.day)
    if months is None:
        return [], [NotChecked(Kind.AGE, Gap.PATIENT_UNKNOWN)]

    def holds(caution: Caution) -> bool:
        below, since = caution.below_months, caution.from_months
        return (below is not None and months < below) or (since is not None and months >= since)

    return _cautions(case, facts, Kind.AGE, facts.ages, holds)


def long_illnesses(case: Case, facts: Facts) -> Answer:
    """Medicines that a long illness granted to the patient forbids or restrains."""
    illnesses = case.patient.illnesses
    if illnesses is None:
        return [], [NotChecked(Kind.LONG_ILLNESS, Gap.PATIENT_UNKNOWN)]
    if not illnesses:
        return [], []
    return _cautions(
        case,
        facts,
        Kind.LONG_ILLNESS,
        facts.illnesses,
        lambda caution: belongs(illnesses, caution.illnesses),
    )


def _cautions(
    case: Case,
    facts: Facts,
    kind: Kind,
    table: Iterable[Caution],
    holds: Callable[[Caution], bool],
) -> Answer:
    """The cautions of a table that hold for each new treatment, and the substances it does not know."""
    cautions = tuple(table)
    found: dict[str, Alert] = {}
    gaps: dict[str, NotChecked] = {}
    for treatment, substance in _substances(case):
        codes = facts.codes(substance)
        mine = [each for each in cautions if belongs(codes, each.atc)]
        if not mine:
            gap = Gap.NO_TABLE if codes else Gap.NO_ATC
            gaps[substance] = NotChecked(kind, gap, substance)
        if route_of(treatment.product.form) in _REACHES_THE_BODY_LITTLE:
            continue
        for caution in mine:
            if caution.level is not None and holds(caution):
                alert = _caution_alert(kind, treatment, substance, caution, caution.level)
                found.setdefault(alert.key, alert)
    return list(found.values()), list(gaps.values())


def _caution_alert(
    kind: Kind, treatment: Treatment, substance: str, caution: Caution, level: Level
) -> Alert:
    why = {
        language: f"{text} {caution.when[language]}".strip()
        for language, text in caution.why.items()
    }
    return Alert(
        key=alert_key(kind, substance),
        kind=kind,
        level=level,
        severity=severity_of(level),
        treatments=(treatment,),
        pair=(substance,),
        mechanism=why,
        advice=caution.instead,
        source=caution.source,
    )


def _substances(case: Case) -> Iterator[tuple[Treatment, str]]:
    for treatment in case.new:
        for substance in treatment.product.substances:
            yield treatment, substance
