"""What a replay's differences are called: rules, regions and specialities in the reader's words."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from claims.adjudication.decision import Rule
from core.languages import in_readers_letters
from providers.models import ProviderKind
from providers.selectors import territories_by_code

Json = dict[str, Any]

GROUPINGS = {
    "by_rule": _("Par règle"),
    "by_region": _("Par région"),
    "by_speciality": _("Par spécialité"),
}
RULES = {
    Rule.FILING: _("délai de dépôt"),
    Rule.RIGHTS: _("droits ouverts"),
    Rule.DEPENDANT: _("ayant droit"),
    Rule.PROVIDER: _("convention du professionnel"),
    Rule.COVER: _("prise en charge"),
    Rule.TARIFF: _("tarif"),
    Rule.ACCUMULATION: _("cumul d’actes"),
    Rule.PRIOR_APPROVAL: _("entente préalable"),
    Rule.FREQUENCY: _("périodicité"),
    Rule.RATE: _("taux et montant"),
    Rule.CEILING: _("plafond"),
    Rule.SHARES: _("parts"),
}
UNKNOWN = _("non précisée")


def shown_groups(grouping: str, groups: Iterable[Mapping[str, Any]]) -> list[Json]:
    """Groups of a tally, each with its `label`."""
    groups = list(groups)
    labels = _labels(grouping, [group["name"] for group in groups])
    return [{**group, "label": str(labels.get(group["name"]) or UNKNOWN)} for group in groups]


def _labels(grouping: str, names: list[str]) -> Mapping[str, Any]:
    if grouping == "by_rule":
        return {str(rule): label for rule, label in RULES.items()}
    if grouping == "by_region":
        return {code: in_readers_letters(each) for code, each in territories_by_code(names).items()}
    kinds = dict(ProviderKind.choices)
    return {name: kinds.get(name, name) for name in names}
