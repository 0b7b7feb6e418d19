"""The law as agents read it: figures in words, by family, announced and unconfirmed ones apart."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from difflib import unified_diff
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.selectors import names_of
from claims import selectors
from claims.adjudication.law import Law
from claims.adjudication.legislation.loader import file_of, read_folder
from claims.adjudication.parameters import ANNOUNCED, SINGLE, Parameter, Value
from claims.models import ShadowLaw
from claims.services import FAILURE
from claims.states import ClaimState, ShadowLawState
from core.money import display_dirhams, display_rate
from core.transitions import moves_of

Json = dict[str, Any]

FAMILIES = {
    "accumulation": gettext_lazy("Cumul d’actes"),
    "act_minutes": gettext_lazy("Durées usuelles"),
    "ages": gettext_lazy("Âges"),
    "ceilings": gettext_lazy("Plafonds"),
    "delays": gettext_lazy("Délais"),
    "flat_tariffs": gettext_lazy("Forfaits"),
    "frequencies": gettext_lazy("Périodicités"),
    "guarantees": gettext_lazy("Garanties de paiement"),
    "key_letters": gettext_lazy("Lettres clés"),
    "offline": gettext_lazy("Travail hors ligne"),
    "offline_amounts": gettext_lazy("Montants hors ligne"),
    "paper": gettext_lazy("Feuilles papier"),
    "payment_calendar": gettext_lazy("Calendrier des paiements"),
    "presence": gettext_lazy("Preuves de présence"),
    "principles": gettext_lazy("Principes"),
    "rates": gettext_lazy("Taux"),
    "recoveries": gettext_lazy("Récupérations"),
}
PARTS = {
    "amount": gettext_lazy("montant"),
    "period": gettext_lazy("période"),
    "limit": gettext_lazy("nombre"),
    "lowest": gettext_lazy("au moins"),
    "highest": gettext_lazy("au plus"),
    "first": gettext_lazy("premier acte"),
    "second": gettext_lazy("deuxième"),
    "further": gettext_lazy("chacun des suivants"),
    "working_days": gettext_lazy("jours ouvrés"),
    "minute": gettext_lazy("minute du jour"),
    "minutes": gettext_lazy("validité"),
    "attempts": gettext_lazy("essais"),
    "an_hour": gettext_lazy("codes par heure"),
    "monday": gettext_lazy("lundi"),
    "tuesday": gettext_lazy("mardi"),
    "wednesday": gettext_lazy("mercredi"),
    "thursday": gettext_lazy("jeudi"),
    "friday": gettext_lazy("vendredi"),
    "contact": gettext_lazy("sans contact"),
    "contact_in_outage": gettext_lazy("pendant une panne"),
    "sheets": gettext_lazy("documents"),
    "insured_day": gettext_lazy("par assuré et par jour"),
    "box": gettext_lazy("prix d’une boîte"),
    "warning": gettext_lazy("avertissement"),
    "drift": gettext_lazy("dérive par heure"),
    "margin": gettext_lazy("marge"),
    **{state.lower(): label for state, label in ClaimState.choices},
}
VARIANTS = {
    "PRIVATE": gettext_lazy("privé"),
    "PUBLIC": gettext_lazy("public"),
    "adult": gettext_lazy("adultes"),
    "minor": gettext_lazy("mineurs"),
    "insured": gettext_lazy("assurés"),
    "provider": gettext_lazy("professionnels"),
}
FAILED = gettext_lazy("la mesure a échoué ; le journal technique dit pourquoi")
# The first day of a value whose source gives none.
ALWAYS = date.min


def shown_law(law: Law, *, on: date) -> Json:
    """The law as its page shows it: families of parameters, and what is announced or unconfirmed."""
    parameters = [law.parameter(key) for key in law.keys()]  # noqa: SIM118
    rows = [_parameter(parameter, on) for parameter in parameters]
    return {
        "digest": law.digest[:12],
        "families": [
            {"name": name, "title": FAMILIES.get(name, name), "parameters": list(inside)}
            for name, inside in groupby(rows, key=lambda row: row["family"])
        ],
        "to_be_confirmed": list(_pick(rows, lambda value: not value["is_confirmed"])),
        "announced": list(_pick(rows, lambda value: value["state"] == ANNOUNCED)),
    }


def law_texts() -> dict[str, str]:
    """The files of the law in force, by name."""
    return {name: text.decode() for name, text in read_folder(selectors.law_folder()).items()}


def shown_files(files: Mapping[str, str]) -> list[Json]:
    """Each file of a candidate with what it changes, line by line, against the law in force."""
    known = law_texts()
    return [
        {"name": name, "is_new": name not in known, "lines": _difference(known.get(name, ""), text)}
        for name, text in sorted(files.items())
    ]


def shown_moves(shadow: ShadowLaw) -> list[Json]:
    """Where a candidate has been, by whom."""
    moves, labels = moves_of(shadow), dict(ShadowLawState.choices)
    names = names_of(move.actor for move in moves)
    return [
        {
            "at": move.at,
            "label": labels[ShadowLawState(move.to_state)],
            "who": names.get(move.actor, ""),
            "reason": FAILED if move.reason == FAILURE else move.reason,
        }
        for move in moves
    ]


def _difference(before: str, after: str) -> list[Json]:
    lines = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    signs = {"+": "more", "-": "less", "@": "place"}
    return [
        {"text": line, "sign": signs.get(line[:1], "same")}
        for line in lines
        if not line.startswith(("+++", "---"))
    ]


def _parameter(parameter: Parameter, on: date) -> Json:
    family, _name, *variant = parameter.key.split(".")
    values = [_value(parameter, value, on) for value in parameter.values]
    current = [value for value in values if value["state"] == "now"]
    return {
        "key": parameter.key,
        "file": file_of(parameter.key),
        "family": family,
        "label": parameter.description,
        "variant": VARIANTS.get(variant[0], variant[0]) if variant else "",
        "now": current[0] if current else None,
        "others": [value for value in values if value["state"] != "now"],
        "values": values,
    }


def _value(parameter: Parameter, value: Value, on: date) -> Json:
    return {
        "text": _figures(parameter, value),
        "since": None if value.first_day == ALWAYS else value.first_day,
        "reference": value.reference if value.is_confirmed else "",
        "note": value.note or "",
        "is_confirmed": value.is_confirmed,
        "state": _state(parameter, value, on),
    }


def _state(parameter: Parameter, value: Value, on: date) -> str:
    """`announced`, `later`, `now` or `past` on a day."""
    if value.status == ANNOUNCED:
        return ANNOUNCED
    if value.first_day > on:
        return "later"
    begun = [
        each.first_day
        for each in parameter.values
        if each.status != ANNOUNCED and each.first_day <= on
    ]
    return "now" if value.first_day == max(begun) else "past"


def _figures(parameter: Parameter, value: Value) -> str:
    if value.numbers is None:
        return _("abrogé")
    units = dict(parameter.units)
    return " · ".join(
        _figure(units[name], number)
        if name == SINGLE
        else f"{PARTS.get(name, name.replace('_', ' '))} : {_figure(units[name], number)}"
        for name, number in sorted(value.numbers, key=_place)
    )


def _place(part: tuple[str, int]) -> tuple[int, str]:
    """Parts in the order a person says them, then by name."""
    name = part[0]
    return (list(PARTS).index(name) if name in PARTS else len(PARTS), name)


def _figure(unit: str, number: int) -> str:
    words: dict[str, Callable[[], str]] = {
        "centimes": lambda: f"{display_dirhams(number)} {_('DH')}",
        "basis_points": lambda: display_rate(number),
        "months": lambda: _("%(count)s mois") % {"count": number},
        "days": lambda: _("%(count)s j") % {"count": number},
        "years": lambda: _("%(count)s ans") % {"count": number},
        "minutes": lambda: _("%(count)s min") % {"count": number},
        "seconds": lambda: _("%(count)s s") % {"count": number},
        "uses": lambda: _("%(count)s fois") % {"count": number},
        "applies": lambda: _("s’applique") if number else _("ne s’applique pas"),
    }
    return words[unit]()


def _pick(rows: list[Json], wanted: Callable[[Json], bool]) -> Iterator[Json]:
    for row in rows:
        for value in row["values"]:
            if wanted(value):
                yield {**row, "value": value}
