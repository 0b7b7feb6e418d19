"""Delays from filing to payment, ready to be drawn, read and taken away as a file."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast

from babel.dates import format_date
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from claims.models import Claim
from core.languages import in_readers_letters
from core.templatetags.waraqa import LOCALES
from core.workbook import Column, Kind, Workbook
from payments.selectors.delays import Delay, Grouping, regions

# Unfold's own colours, which follow the theme.
MEDIAN_COLOUR, NINETIETH_COLOUR = "var(--color-primary-600)", "var(--color-base-400)"
CHART_OPTIONS = json.dumps(
    {
        "animation": False,
        "responsive": True,
        "maintainAspectRatio": False,
        "plugins": {"legend": {"display": True, "position": "bottom"}},
        "scales": {"y": {"beginAtZero": True, "ticks": {"precision": 0}}, "x": {"grid": {}}},
    }
)


@dataclass(frozen=True, slots=True)
class DelaySection:
    """One way to compare delays: a chart (`chart` is line or bar) and the table it draws."""

    name: str
    title: str
    head: str
    chart: str
    labels: list[str]
    rows: Sequence[Delay]

    @property
    def data(self) -> str:
        """What the chart component draws, as JSON."""
        return json.dumps(
            {
                "labels": self.labels,
                "datasets": [
                    {
                        "label": label,
                        "data": values,
                        "borderColor": colour,
                        "backgroundColor": colour,
                    }
                    for label, values, colour in (
                        (_("Médiane"), [row.median_days for row in self.rows], MEDIAN_COLOUR),
                        (
                            _("9 dossiers sur 10"),
                            [row.ninetieth_days for row in self.rows],
                            NINETIETH_COLOUR,
                        ),
                    )
                ],
            }
        )

    @property
    def table(self) -> list[tuple[str, Delay]]:
        """Each group with its name."""
        return list(zip(self.labels, self.rows, strict=True))


def sections(found: dict[Grouping, list[Delay]]) -> list[DelaySection]:
    """The three comparisons of the page, with the names of their groups in the reader's language."""
    places = regions() if found[Grouping.REGION] else {}
    kinds: dict[str, Any] = dict(Claim.Kind.choices)
    named: dict[Grouping, Any] = {
        Grouping.MONTH: _month,
        Grouping.REGION: lambda key: _region(places.get(key)),
        Grouping.KIND: lambda kind: str(kinds[kind]),
    }
    titles = {
        Grouping.MONTH: (_("Par mois de paiement"), _("Mois"), "line"),
        Grouping.REGION: (_("Par région du professionnel"), _("Région"), "bar"),
        Grouping.KIND: (_("Par nature de dossier"), _("Nature"), "bar"),
    }
    return [
        DelaySection(
            name=grouping.value,
            title=titles[grouping][0],
            head=titles[grouping][1],
            chart=titles[grouping][2],
            labels=[named[grouping](row.group) for row in rows],
            rows=rows,
        )
        for grouping, rows in found.items()
    ]


def delays_xlsx(parts: Sequence[DelaySection], *, at: datetime) -> BinaryIO:
    """The tables of the page as an Excel file in the active language, one sheet each."""
    target = cast(BinaryIO, TemporaryFile())  # noqa: SIM115 (the answer closes it)
    with Workbook(target, title=_("Délais de règlement"), created=at) as book:
        for part in parts:
            table = book.table(
                part.head,
                [
                    Column(part.head, width=30),
                    Column(_("Dossiers payés"), Kind.COUNT),
                    Column(_("Médiane, jours"), Kind.COUNT, 16),
                    Column(_("9 dossiers sur 10, jours"), Kind.COUNT, 22),
                ],
            )
            for label, row in part.table:
                table.append([label, row.count, row.median_days, row.ninetieth_days])
    target.seek(0)
    return target


def _month(first: date) -> str:
    return format_date(first, "LLLL y", locale=LOCALES["ar" if get_language_bidi() else "fr"])


def _region(region: Any) -> str:
    return in_readers_letters(region) if region else _("Région non renseignée")
