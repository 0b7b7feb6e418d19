"""What the figures of rules are called, with the unit people write them in; and what they write, read back.

In fraud/rules/thresholds.yaml a figure is a whole number of its unit (basis points, tenths); people see
and write 90 % or 3,5. What a figure without a unit counts is said by its name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.money import parse_decimal
from fraud.rules.thresholds import Threshold
from fraud.selectors.rules import bounds_of
from fraud.services import ThresholdRefused

UNSURE = "to be confirmed"
# What no bound admits: said for what cannot be read as a number.
UNREADABLE = -1


@dataclass(frozen=True, slots=True)
class Unit:
    """The word people put on a figure, and how many of its digits stand after the comma."""

    word: Any = ""
    places: int = 0


COUNTED = Unit()
UNITS = {
    "bp": Unit("%", 2),
    "tenths": Unit(gettext_lazy("fois l’écart usuel"), 1),
    "minutes": Unit(gettext_lazy("minutes")),
    "days": Unit(gettext_lazy("jours")),
    "years": Unit(gettext_lazy("ans")),
    "km": Unit(gettext_lazy("km")),
    "km/h": Unit(gettext_lazy("km/h")),
}
POINTS = Unit(gettext_lazy("points de %"), 2)
OWN_UNITS = {
    ("UNBUNDLING", "z"): Unit("", 1),
    ("COUPLE", "z"): Unit("", 1),
    ("DENSE_RING", "z"): Unit("", 1),
    ("VOLUME_SPIKE", "floor"): Unit(gettext_lazy("racines de visites"), 4),
    # The logarithms of these rules make their floor a rate; elsewhere it is a difference of shares.
    ("PATIENTS_PER_DAY", "floor"): UNITS["bp"],
    ("COST_PER_PATIENT", "floor"): UNITS["bp"],
    ("VISITS_PER_PATIENT", "floor"): UNITS["bp"],
}
LABELS = {
    "weight": gettext_lazy("Poids dans le score"),
    "ahead": gettext_lazy("Avance tolérée à la maison"),
    "alone_minutes": gettext_lazy("Journée signalée faiblement, au-delà de"),
    "amounts": gettext_lazy("Montants les plus fréquents comptés"),
    "around": gettext_lazy("Voisinage où chercher une trace"),
    "before": gettext_lazy("Période de comparaison, juste avant"),
    "best": gettext_lazy("Plus fortes journées comptées"),
    "expected": gettext_lazy("Patients attendus de ce sexe et de cet âge, au moins"),
    "child": gettext_lazy("Enfant : avant cet âge"),
    "claims": gettext_lazy("Demandes signées, au-delà de"),
    "common": gettext_lazy("Personnes communes à deux professionnels liés, au moins"),
    "days": gettext_lazy("Période regardée"),
    "floor": gettext_lazy("Écart usuel compté pour au moins"),
    "km": gettext_lazy("Loin : au-delà de"),
    "km_h": gettext_lazy("Vitesse qu’un trajet ne peut pas tenir"),
    "least_peers": gettext_lazy("Pairs au moins, sinon aucune statistique"),
    "links": gettext_lazy("Liens de chaque professionnel, au moins"),
    "long_minutes": gettext_lazy("Journée longue, au-delà de"),
    "look_back": gettext_lazy("Passé regardé"),
    "minutes": gettext_lazy("Temps où elles sont comptées"),
    "minutes_apart": gettext_lazy("Écart des heures à partir duquel ce sont deux soins"),
    "most_minutes": gettext_lazy("Journée impossible, au-delà de"),
    "near": gettext_lazy("Distance en deçà de laquelle la vitesse ne dit rien"),
    "old": gettext_lazy("Personne âgée : à partir de cet âge"),
    "others": gettext_lazy("Voisins vus par un autre prescripteur, au moins"),
    "pharmacies": gettext_lazy("Pharmacies le même jour, au moins"),
    "practices": gettext_lazy("Cabinets d’une même spécialité, au moins"),
    "providers": gettext_lazy("Professionnels du réseau, au moins"),
    "rare": gettext_lazy("Rareté parmi les pairs, au plus"),
    "rz": gettext_lazy("Écart aux pairs à partir duquel elle signale"),
    "smooth": gettext_lazy("Lignes sans défaut ajoutées à chaque professionnel"),
    "settle": gettext_lazy("Derniers jours laissés de côté"),
    "share_controlled": gettext_lazy("Part à avoir écoulée, pour un produit contrôlé"),
    "span": gettext_lazy("Écart entre les deux actes, au plus"),
    "strong": gettext_lazy("Prescripteurs, et pharmacies, d’un signalement fort"),
    "strong_days": gettext_lazy("Période d’un signalement fort"),
    "z": gettext_lazy("Écart au nombre attendu, en racines de ce nombre"),
}
OWN_LABELS = {
    ("NEAR_DUPLICATE", "days"): LABELS["span"],
    ("OVERLAP_OF_THERAPY", "days"): gettext_lazy("Recouvrement toléré"),
    ("NEW_DEALER", "days"): gettext_lazy("Conventionné depuis moins de"),
    ("STOLEN_KEY", "days"): gettext_lazy("Période récente"),
    ("CODE_JUMP", "days"): gettext_lazy("Période récente"),
    ("VOLUME_SPIKE", "days"): gettext_lazy("Période récente"),
    ("TWO_PLACES", "km"): gettext_lazy("Distance dans la journée, au-delà de"),
    ("STOCK_AT_HOME", "times"): gettext_lazy("Délivrances au moins"),
    ("LONG_DAYS", "times"): gettext_lazy("Journées longues au moins"),
    ("STOLEN_KEY", "times"): gettext_lazy("Fois la part d’inconnus d’avant, au-delà de"),
    ("NEW_DEALER", "times"): gettext_lazy("Fois la part chère de sa nature, au-delà de"),
    ("UPCODING", "times"): gettext_lazy("Actes du même code, au moins"),
    ("CODE_JUMP", "times"): gettext_lazy("Actes du même code, au moins"),
    ("LENT_IDENTITY", "look_back"): gettext_lazy("Période où une spécialité est regardée"),
    ("LENT_IDENTITY", "times"): gettext_lazy(
        "Jours de soins dans une spécialité inattendue, au moins"
    ),
    ("LENT_IDENTITY", "others"): gettext_lazy("Autres patients de ce sexe et de cet âge, au plus"),
    ("EARLY_REFILL", "share"): gettext_lazy("Part du traitement précédent à avoir écoulée"),
    ("NEW_DEALER", "share"): gettext_lazy("Part d’acheteurs inconnus, au moins"),
    ("COUPLE", "share"): gettext_lazy("Part de ses personnes dans une pharmacie, au-delà de"),
    ("DOCTOR_SHOPPING", "least"): gettext_lazy("Prescripteurs, et pharmacies, au moins"),
    ("STOLEN_KEY", "least"): gettext_lazy("Demandes ou ordonnances inattendues, au moins"),
    ("NEW_DEALER", "least"): gettext_lazy("Lignes chères au moins"),
    ("COUPLE", "least"): gettext_lazy("Personnes du couple au moins"),
    ("UNBUNDLING", "least"): gettext_lazy("Personnes concernées au moins"),
    ("PATIENTS_PER_DAY", "least"): gettext_lazy("Journées de soins au moins"),
    ("COST_PER_PATIENT", "least"): gettext_lazy("Personnes soignées au moins"),
    ("VISITS_PER_PATIENT", "least"): gettext_lazy("Personnes soignées au moins"),
    ("FAR_MEMBERS", "least"): gettext_lazy("Personnes soignées au moins"),
    ("UPCODING", "least"): gettext_lazy("Actes au moins"),
    ("ODD_HOURS", "least"): gettext_lazy("Actes au moins"),
    ("CODE_JUMP", "least"): gettext_lazy("Actes dans chaque période, au moins"),
    ("REPEATED_AMOUNTS", "least"): gettext_lazy("Lignes au moins"),
    ("REFILL_MILL", "least"): gettext_lazy("Lignes délivrées au moins"),
    ("CONTROLLED_SHARE", "least"): gettext_lazy("Lignes délivrées au moins"),
    ("NO_TRACE", "least"): gettext_lazy("Visites au moins"),
    ("VOLUME_SPIKE", "least"): gettext_lazy("Visites récentes au moins"),
}
SOURCES = {
    "catalogue C2: n >= 30": gettext_lazy("catalogue des contrôles : 30 pairs au moins"),
    "the length of a day": gettext_lazy("la durée d’un jour"),
}
CATALOGUE_RULE = re.compile(r"catalogue C2, rule (\d+)")


def figure_label(rule: str, name: str) -> str:
    """What a figure of a rule is called, its unit in brackets."""
    label, word = OWN_LABELS.get((rule, name)) or LABELS.get(name, name), _unit(rule, name).word
    return f"{label} ({word})" if word else str(label)


def figure_written(rule: str, name: str, value: int) -> str:
    """A figure as people write it, without its unit: 9000 basis points are "90"."""
    places = _unit(rule, name).places
    whole, rest = divmod(value, 10**places)
    decimals = f"{rest:0{places}d}".rstrip("0") if rest else ""
    return f"{whole},{decimals}" if decimals else str(whole)


def figure_read(rule: str, name: str, typed: str) -> int:
    """The stored figure of what a person wrote; one that no bound admits when it is no number."""
    try:
        return parse_decimal(typed.strip().replace(",", "."), _unit(rule, name).places)
    except ValueError:
        return UNREADABLE


def shown_figure(rule: str, name: str, value: int) -> dict[str, Any]:
    """A figure ready for its field: label with unit, value, bounds, source."""
    bound = bounds_of(rule)[name]
    return {
        "name": name,
        "label": figure_label(rule, name),
        "value": figure_written(rule, name, value),
        "minimum": figure_written(rule, name, bound.minimum),
        "maximum": figure_written(rule, name, bound.maximum),
        "source": _source(bound),
        "is_sure": bound.source != UNSURE,
    }


def told_refusal(rule: str, refusal: ThresholdRefused, typed: Mapping[str, str]) -> str:
    """A figure refused, in the words and the unit of its field."""
    name = str(refusal.context["name"])
    bound = bounds_of(rule)[name]
    return _(
        "« %(label)s » : « %(typed)s » est hors des bornes, de %(low)s à %(high)s. Rien n’a été "
        "enregistré."
    ) % {
        "label": figure_label(rule, name),
        "typed": typed.get(name, ""),
        "low": figure_written(rule, name, bound.minimum),
        "high": figure_written(rule, name, bound.maximum),
    }


def _unit(rule: str, name: str) -> Unit:
    stored = UNITS.get(bounds_of(rule)[name].unit, COUNTED)
    return OWN_UNITS.get((rule, name)) or (POINTS if name == "floor" else stored)


def _source(bound: Threshold) -> str:
    if found := CATALOGUE_RULE.match(bound.source):
        return _("catalogue des contrôles, règle %(n)s") % {"n": found[1]}
    return str(SOURCES.get(bound.source, bound.source))
