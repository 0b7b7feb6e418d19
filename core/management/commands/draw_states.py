"""`draw_states`: writes docs/states.md from the state tables; `--check` fails when it is stale."""

from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from core.transitions import Machine

HEADER = """# States

Drawn by `python manage.py draw_states` from the tables in the code; do not edit.
One writer moves them all: `core/transitions.py`. Every pair of states is tested (tests/core/test_states.py).
"""


class Command(BaseCommand):
    help = (
        "Dessine docs/states.md depuis les tables d’états ; --check échoue s’il n’est pas à jour."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("fr"):
            drawn = HEADER + "".join(_drawing(model) for model in machine_models())
        path = settings.BASE_DIR / "docs" / "states.md"
        if options["check"]:
            if not path.exists() or path.read_text(encoding="utf-8") != drawn:
                raise CommandError("docs/states.md is stale: run `python manage.py draw_states`.")
            return
        path.write_text(drawn, encoding="utf-8")
        self.stdout.write("docs/states.md")


def machine_models() -> list[Any]:
    """Return every model that has a state machine, in a steady order."""
    models = (
        model for model in apps.get_models() if isinstance(getattr(model, "MACHINE", None), Machine)
    )
    return sorted(models, key=lambda model: model._meta.label)


def _drawing(model: Any) -> str:
    machine: Machine = model.MACHINE
    labels = dict(model._meta.get_field("state").flatchoices)
    arrows = [f"    [*] --> {state}" for state in sorted(machine.births())]
    for origin, targets in machine.transitions.items():
        arrows += [f"    {origin} --> {target}" for target in sorted(targets)]
        if not targets:
            arrows.append(f"    {origin} --> [*]")
    rows = [
        f"| {state} | {labels[state]} | {machine.owners[state]} | {', '.join(sorted(targets)) or '-'} "
        f"| {machine.events.get(state, '-')} |"
        for state, targets in machine.transitions.items()
    ]
    return (
        f"\n## {model._meta.label}\n\n```mermaid\nstateDiagram-v2\n"
        + "\n".join(arrows)
        + "\n```\n\n| State | French | Who moves it on | To | Event published |\n|---|---|---|---|---|\n"
        + "\n".join(rows)
        + "\n"
        + _table(machine)
    )


def _table(machine: Machine) -> str:
    """The commands the machine is derived from, a row each; nothing where there are none."""
    if not machine.commands:
        return ""
    rows = [
        f"| {row.key} | {', '.join(row.origins) or '(new)'} | {row.name} | {row.who} "
        f"| {row.condition or '-'} | {row.to} |"
        for row in machine.commands
    ]
    return (
        "\n| Row | From | Command | Who | Condition, effect | To |\n|---|---|---|---|---|---|\n"
        + "\n".join(rows)
        + "\n"
    )
