"""What a replay's differences are called: rules, regions and specialities in the reader's words."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language_bidi
from django.utils.translation import gettext_lazy as _

from claims.adjudication.decision import Rule
from claims.models import ShadowLaw
from core.languages import in_readers_letters
from core.money import format_dirhams
from providers.models import ProviderKind
from providers.selectors import territories_by_code

if TYPE_CHECKING:
    import pandas as pd

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
# Bars of one chart; the table under it has every group.
CHARTED = 12
FEW_BARS, MANY_BARS = 3, 8


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


@dataclass(frozen=True, slots=True)
class Pace:
    """How far a measure is: decisions judged, of how many, how many a second, seconds left."""

    judged: int
    total: int
    rate: int
    seconds_left: int | None


def pace_of(shadow: ShadowLaw) -> Pace:
    """The pace of a measure since it began, pauses left out."""
    seconds = 0
    if shadow.started_at and shadow.seen_at:
        seconds = round((shadow.seen_at - shadow.started_at).total_seconds())
    rate = shadow.judged // seconds if seconds else 0
    left = max(0, shadow.total - shadow.judged)
    return Pace(shadow.judged, shadow.total, rate, -(-left // rate) if rate else None)


def shown_report(report: Mapping[str, Any]) -> Json:
    """A tally as its page shows it: totals, and each grouping with its table and its chart."""
    groupings = [
        {"name": name, "title": title, "groups": groups, "chart": _chart(str(title), groups)}
        for name, title in GROUPINGS.items()
        if (groups := shown_groups(name, report[name]))
    ]
    return {**report, "groupings": groupings}


def _chart(title: str, groups: Sequence[Json]) -> Json:
    """A bar for each group, as Chart.js reads it: dirhams, dearer in one colour, cheaper in another."""
    shown = groups[:CHARTED]
    bars = {
        "labels": [group["label"] for group in shown],
        "datasets": [
            {
                "label": title,
                "data": [format_dirhams(group["difference_centimes"]) for group in shown],
                "backgroundColor": [
                    "var(--fix)" if group["difference_centimes"] > 0 else "var(--paid)"
                    for group in shown
                ],
                "maxBarThickness": 18,
            }
        ],
    }
    return {"data": json.dumps(bars), "options": json.dumps(_options()), "size": _size(len(shown))}


def _size(bars: int) -> str:
    """Room for that many bars."""
    if bars <= FEW_BARS:
        return "short"
    return "tall" if bars > MANY_BARS else "medium"


def _options() -> Json:
    """Horizontal bars that begin on the reader's side, with no movement."""
    is_arabic = get_language_bidi()
    return {
        "indexAxis": "y",
        "animation": False,
        "responsive": True,
        "maintainAspectRatio": False,
        "plugins": {"legend": {"display": False}, "tooltip": {"rtl": is_arabic}},
        "scales": {
            "x": {"reverse": is_arabic, "grid": {"display": True}},
            "y": {"position": "right" if is_arabic else "left", "grid": {"display": False}},
        },
    }


def report_workbook(shadow: ShadowLaw) -> bytes:
    """The report as an Excel file: the totals, then a sheet for each grouping; amounts in dirhams."""
    import pandas as pd  # heavy: only who writes a file pays for it

    report = shadow.report or {}
    buffer = BytesIO()
    # A name that begins with "=" is a name.
    options = {"options": {"strings_to_formulas": False, "in_memory": True}}
    with pd.ExcelWriter(buffer, engine="xlsxwriter", engine_kwargs=options) as book:
        _totals(shadow, report).to_excel(book, sheet_name=_sheet(_("Totaux")), index=False)
        for name, title in GROUPINGS.items():
            _frame(shown_groups(name, report[name])).to_excel(
                book, sheet_name=_sheet(title), index=False
            )
        for sheet in book.sheets.values():
            sheet.set_column(0, 0, 42)
            sheet.set_column(1, 4, 18)
            if get_language_bidi():
                sheet.right_to_left()
    return buffer.getvalue()


def _sheet(title: Any) -> str:
    return str(title)[:31]


def _totals(shadow: ShadowLaw, report: Mapping[str, Any]) -> "pd.DataFrame":
    import pandas as pd

    rows: list[tuple[Any, Any]] = [
        (_("Loi à l’essai"), shadow.name),
        (_("Empreinte de la loi"), shadow.law_digest),
        (_("Décisions depuis le"), str(shadow.since)),
        (_("jusqu’au"), str(shadow.until or "")),
        (_("Décisions jugées à nouveau"), report["judged"]),
        (_("Identiques"), report["equal"]),
        (_("Différentes"), report["changed"]),
        (_("Remboursé avant (DH)"), _dirhams(report["before_centimes"])),
        (_("Remboursé après (DH)"), _dirhams(report["after_centimes"])),
        (_("Différence (DH)"), _dirhams(report["difference_centimes"])),
        *((_("Sans valeur : %(key)s") % {"key": key}, n) for key, n in report["no_law"].items()),
    ]
    return pd.DataFrame(
        [(str(label), value) for label, value in rows], columns=["", str(_("Valeur"))]
    )


def _frame(groups: Sequence[Json]) -> "pd.DataFrame":
    import pandas as pd

    titles = (_("Groupe"), _("Lignes"), _("Avant (DH)"), _("Après (DH)"), _("Différence (DH)"))
    return pd.DataFrame(
        [
            (
                group["label"],
                group["lines"],
                *(
                    _dirhams(group[f"{name}_centimes"])
                    for name in ("before", "after", "difference")
                ),
            )
            for group in groups
        ],
        columns=[str(title) for title in titles],
    )


def _dirhams(centimes: int) -> Decimal:
    return Decimal(centimes).scaleb(-2)
