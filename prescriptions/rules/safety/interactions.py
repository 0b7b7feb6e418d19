"""Interactions and duplicates: what two treatments taken together do. Pure."""

from collections.abc import Iterable, Iterator
from itertools import combinations

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
from prescriptions.rules.safety.facts import Facts, belongs
from prescriptions.rules.safety.routes import Route, route_of
from prescriptions.rules.safety.thesaurus import Found, Thesaurus

Pair = tuple[Treatment, Treatment]


def taken_together(case: Case) -> Iterator[Pair]:
    """Every pair of treatments with at least one new: the new ones, then each with what still runs."""
    yield from combinations(case.new, 2)
    for new in case.new:
        for current in case.current:
            yield new, current


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


def duplicates(case: Case, facts: Facts) -> list[Alert]:
    """The same substance twice, or two of one class of which one is enough.

    A product applied where it acts repeats nothing: a cream and a tablet are not a duplicate.
    """
    found: dict[str, Alert] = {}
    classes = {id(each): _classes(each, facts) for each in (*case.new, *case.current)}
    for pair in taken_together(case):
        if any(route_of(each.product.form) in _ONE_PLACE for each in pair):
            continue
        sides = classes[id(pair[0])], classes[id(pair[1])]
        for alert in (*_same_substance(pair, facts), *_same_class(pair, sides, facts)):
            found.setdefault(alert.key, alert)
    return list(found.values())


def _classes(treatment: Treatment, facts: Facts) -> dict[str, set[str]]:
    """The classes of which one is enough that a treatment holds, each with its substances there."""
    found: dict[str, set[str]] = {}
    for substance in treatment.product.substances:
        for beginning in facts.duplicates:
            if belongs(facts.codes(substance), [beginning]):
                found.setdefault(beginning, set()).add(facts.name(substance))
    return found


def _same_substance(pair: Pair, facts: Facts) -> Iterator[Alert]:
    first, second = ({facts.name(each) for each in one.product.substances} for one in pair)
    if not all(each.is_new for each in pair) and _is_renewal(pair):
        return
    for name in sorted(first & second):
        yield _duplicate(
            pair, f"{name}", (name, name), Level.NOT_RECOMMENDED, facts, _SAME_SUBSTANCE
        )


def _is_renewal(pair: Pair) -> bool:
    """The same treatment written again: told as a renewal, not as a duplicate."""
    return set(pair[0].product.substances) == set(pair[1].product.substances)


def _same_class(
    pair: Pair, sides: tuple[dict[str, set[str]], dict[str, set[str]]], facts: Facts
) -> Iterator[Alert]:
    for beginning in sorted(sides[0].keys() & sides[1].keys()):
        first, second = sides[0][beginning], sides[1][beginning]
        if first & second:
            continue
        name = facts.duplicates[beginning]
        names = min(first), min(second)
        why = {
            "fr": f"Deux médicaments de la même classe : {name['fr']}.",
            "ar": f"دواءان من نفس الفئة: {name['ar']}.",
        }
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
