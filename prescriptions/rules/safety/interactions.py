"""Interactions and duplicates: what two treatments taken together do. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, combinations, product

from prescriptions.rules.safety.alerts import (
    RANK,
    Alert,
    Case,
    Gap,
    Kind,
    Level,
    NotChecked,
    Severity,
    Treatment,
    alert_key,
    most_severe,
    severity_of,
)
from prescriptions.rules.safety.facts import Facts
from prescriptions.rules.safety.routes import Route, route_of
from prescriptions.rules.safety.thesaurus import Found, Thesaurus

Pair = tuple[Treatment, Treatment]


def taken_together(case: Case) -> Iterator[Pair]:
    """Every pair of treatments with at least one new: the new ones, then each with what still runs."""
    return chain(combinations(case.new, 2), product(case.new, case.current))


def interactions(case: Case, thesaurus: Thesaurus) -> list[Alert]:
    """One alert for each pair of substances that the thesaurus speaks of."""
    found: dict[str, Alert] = {}
    for pair in taken_together(case):
        for entries in _by_substances(thesaurus.between(pair[0].product, pair[1].product)):
            alert = _alert(pair, entries, thesaurus)
            found.setdefault(alert.key, alert)
    return list(found.values())


def _by_substances(found: Iterable[Found]) -> Iterable[list[Found]]:
    """`found` is gravest first, and stays so for each pair of substances."""
    grouped: dict[frozenset[str], list[Found]] = {}
    for each in found:
        grouped.setdefault(frozenset(each.substances), []).append(each)
    return grouped.values()


def _alert(pair: Pair, entries: list[Found], thesaurus: Thesaurus) -> Alert:
    """The gravest level that an entry asserts, or CONDITIONAL where none does; the conditions beside it."""
    conditional = [each for each in entries if each.interaction.level is Level.CONDITIONAL]
    certain = [each for each in entries if each.interaction.level is not Level.CONDITIONAL]
    said = (certain or conditional)[0]
    interaction = said.interaction
    told = (each for entry in conditional for each in entry.interaction.conditions)
    return Alert(
        key=alert_key(Kind.INTERACTION, *sorted(said.substances)),
        kind=Kind.INTERACTION,
        level=interaction.level,
        severity=most_severe(_severity(each) for each in entries),
        treatments=pair,
        pair=said.substances,
        mechanism={"fr": interaction.mechanism},
        advice={"fr": interaction.wording},
        source=thesaurus.source,
        conditions=tuple(dict.fromkeys(told)),
        applies=_selected(conditional, interaction.level),
        local_route=all(each.local_route for each in entries),
    )


def _severity(found: Found) -> Severity:
    severity = severity_of(found.interaction.level, found.applies)
    if found.local_route and severity is Severity.CRITICAL:
        return Severity.MODERATE  # the source speaks of what reaches the blood
    return severity


def _selected(conditional: Iterable[Found], asserted: Level) -> Level | None:
    """The gravest level that the facts select in conditional entries, where it is above the asserted one."""
    above = RANK.get(asserted, 0)
    levels = [each.applies for each in conditional if each.applies is not None]
    return max((each for each in levels if RANK[each] > above), key=RANK.__getitem__, default=None)


def unknown_substances(case: Case, thesaurus: Thesaurus) -> list[NotChecked]:
    """Substances of the new treatments that the thesaurus does not know."""
    told: dict[str, NotChecked] = {}
    for treatment in case.new:
        if not treatment.product.substances:
            told[treatment.product.label] = NotChecked(
                Kind.INTERACTION, Gap.NO_SUBSTANCE, treatment.product.label
            )
        for substance in treatment.product.substances:
            if thesaurus.find(substance) is None:
                told[substance] = NotChecked(Kind.INTERACTION, Gap.SUBSTANCE_UNKNOWN, substance)
    return list(told.values())


_ONE_PLACE = {Route.LOCAL, Route.VAGINAL}


@dataclass(frozen=True, slots=True)
class _Taken:
    """What a treatment repeats if another has it too: substances by our names, and classes with theirs."""

    treatment: Treatment
    names: frozenset[str]
    classes: Mapping[str, set[str]]


def duplicates(case: Case, facts: Facts) -> list[Alert]:
    """The same substance twice, or two of one class of which one is enough.

    A product applied where it acts repeats nothing: a cream and a tablet are not a duplicate.
    """
    found: dict[str, Alert] = {}
    new, current = (
        [
            _taken(each, facts)
            for each in treatments
            if route_of(each.product.form) not in _ONE_PLACE
        ]
        for treatments in (case.new, case.current)
    )
    for one, other in chain(combinations(new, 2), product(new, current)):
        for alert in (*_same_substance(one, other, facts), *_same_class(one, other, facts)):
            found.setdefault(alert.key, alert)
    return list(found.values())


def _taken(treatment: Treatment, facts: Facts) -> _Taken:
    classes: dict[str, set[str]] = {}
    substances = treatment.product.substances
    for substance in substances:
        for beginning in facts.classes_of_one(substance):
            classes.setdefault(beginning, set()).add(facts.name(substance))
    return _Taken(treatment, frozenset(map(facts.name, substances)), classes)


def _same_substance(one: _Taken, other: _Taken, facts: Facts) -> Iterator[Alert]:
    twice = one.names & other.names
    if not twice or _is_renewal(one.treatment, other.treatment):
        return
    for name in sorted(twice):
        yield _duplicate(
            (one.treatment, other.treatment),
            name,
            (name, name),
            Level.NOT_RECOMMENDED,
            facts,
            _SAME_SUBSTANCE,
        )


def _is_renewal(one: Treatment, other: Treatment) -> bool:
    """The same treatment written again: told as a renewal, not as a duplicate."""
    both_new = one.is_new and other.is_new
    return not both_new and set(one.product.substances) == set(other.product.substances)


def _same_class(one: _Taken, other: _Taken, facts: Facts) -> Iterator[Alert]:
    for beginning in sorted(one.classes.keys() & other.classes.keys()):
        first, second = one.classes[beginning], other.classes[beginning]
        if first & second:
            continue
        name = facts.duplicates[beginning]
        why = {
            "fr": f"Deux médicaments de la même classe : {name['fr']}.",
            "ar": f"دواءان من نفس الفئة: {name['ar']}.",
        }
        pair, names = (one.treatment, other.treatment), (min(first), min(second))
        yield _duplicate(pair, beginning, names, Level.PRECAUTION, facts, why)


_SAME_SUBSTANCE = {
    "fr": "La même substance deux fois : les doses s’ajoutent.",
    "ar": "نفس المادة مرتين: الجرعات تتراكم.",
}
_KEEP_ONE = {
    "fr": "Garder un seul des deux, ou vérifier la dose totale.",
    "ar": "الاكتفاء بواحد منهما أو التحقق من الجرعة الكلية.",
}


def _duplicate(
    pair: Pair, key: str, names: tuple[str, str], level: Level, facts: Facts, why: dict[str, str]
) -> Alert:
    return Alert(
        key=alert_key(Kind.DUPLICATE, key),
        kind=Kind.DUPLICATE,
        level=level,
        severity=severity_of(level),
        treatments=pair,
        pair=names,
        mechanism=why,
        advice=_KEEP_ONE,
        source=facts.atc_source,
    )
