"""`draw_fraud`: writes docs/fraud.md from the rules, their figures and what was measured."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from fraud.presenters.inputs import sight
from fraud.rules import thresholds
from fraud.rules.catalogue import MODULES, NOT_CODED
from fraud.rules.rule import Rule

DRAWN, MEASURED = "fraud.md", "fraud-measured.json"
HEADER = """# Fraud rules

Drawn by `python manage.py draw_fraud` from fraud/rules and docs/fraud-measured.json; do not edit this page.
How it is built: docs/fraud-design.md. The rules speak French, as the officers who use them.

A **fact** can be proved from the rows and may refuse or hold; a **statistic** holds only when another family
agrees, and never refuses. Weights and thresholds are whole numbers (bp: basis points), dated, with the
bounds in which a person may move them; another person switches them on.
"""


class Command(BaseCommand):
    help = "Dessine docs/fraud.md depuis les règles ; --check échoue s’il n’est pas à jour."
    requires_system_checks: list[str] = []  # type: ignore[assignment]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.BASE_DIR) / "docs"
        drawn = page(measured(folder / MEASURED))
        path = folder / DRAWN
        if options["check"]:
            if not path.exists() or path.read_text(encoding="utf-8") != drawn:
                raise CommandError(f"docs/{DRAWN} is stale: run `python manage.py draw_fraud`.")
            return
        path.write_text(drawn, encoding="utf-8")
        self.stdout.write(f"docs/{DRAWN}")


def measured(file: Path) -> dict[str, Any]:
    """What `evaluate_fraud` wrote down last: date, seeds, by_rule; empty while it was not run."""
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def page(found: dict[str, Any]) -> str:
    """The whole page."""
    figures = thresholds.load().figures
    parts = [HEADER, _record(found), "\n## Score\n\n", _figures(figures["SCORE"])]
    for module in MODULES:
        parts += ["\n", _rule(module.RULE, module.__doc__ or "", found)]
        parts.append(_figures(figures[module.RULE.name]))
    parts.append("\n## Not coded: the product holds no inputs\n\n")
    parts += [f"- **{each.name}** : {each.why}.\n" for each in NOT_CODED]
    return "".join(parts)


def _record(found: dict[str, Any]) -> str:
    if not found:
        return "\nNot measured yet: no figures file.\n"
    seeds = ", ".join(str(seed) for seed in found.get("seeds", []))
    return f"\nMeasured on {found.get('date', '?')}, synthetic populations of seeds {seeds}.\n"


def _rule(rule: Rule, doc: str, found: dict[str, Any]) -> str:
    title, _empty, rest = doc.strip().partition("\n\n")
    told = found.get("by_rule", {}).get(rule.name, {})
    record = "; ".join(f"{name} {_told(value)}" for name, value in told.items())
    lines = [
        f"## {rule.name}\n",
        f"{title.partition(': ')[2]}\n",
        f"- {rule.kind.value}, {rule.family.value}, {rule.level.value}; at most {rule.action.value}",
        f"- reads: {', '.join((*rule.vital, *rule.inputs))}",
        f"- in an installation: {_sees(rule)}",
        f"- measured: {record or 'no figure'}\n",
        rest.strip() + "\n\n",
    ]
    return "\n".join(lines)


def _sees(rule: Rule) -> str:
    with translation.override("fr"):
        seen = sight(rule)
    return f"{seen.label}, sans {' ; '.join(seen.missing)}" if seen else "voit tout ce qu’elle lit"


def _told(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else "none" if value is None else str(value)


def _figures(names: Any) -> str:
    rows = [
        f"| {name} | {since.isoformat()} | {value} | {each.unit} | {each.minimum} to {each.maximum} "
        f"| {each.source} |\n"
        for name, each in names.items()
        for since, value in each.values
    ]
    head = "| Figure | Since | Value | Unit | Bounds | Source |\n|---|---|---|---|---|---|\n"
    return head + "".join(rows)
