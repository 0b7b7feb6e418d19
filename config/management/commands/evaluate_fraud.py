"""`evaluate_fraud`: the fraud rules judged on a population (docs/populations.md)."""

import json
import tempfile
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from config.management.commands.seed_population import LEAST
from config.population.evaluation import evaluate
from config.population.making import make_population
from config.population.replay import STEP_DAYS
from config.population.writing import write_population
from core.imports.report import ImportRefused

_TARGETS = {
    "facts_recall": ">= 1",
    "facts_precision": ">= 0.999",
    "schemes_recall": ">= 0.8",
    "review_share": "<= 0.005",
    "precision_at_100": ">= 0.6",
    "honest_oddities_held": "0",
}


class Command(BaseCommand):
    help = (
        "Replays a population of files (--population) or of a seed (--seed) and says what the rules find: "
        "recall, precision, delay, honest oddities. The site's database is left alone."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("--population", type=Path, help="a folder of population files")
        source.add_argument("--seed", type=int, help="a population made here")
        parser.add_argument("--members", type=int, default=60_000)
        parser.add_argument("--providers", type=int, default=6_000)
        parser.add_argument("--claims", type=int, default=300_000)
        parser.add_argument(
            "--until", type=date.fromisoformat, help="the last day that is replayed"
        )
        parser.add_argument(
            "--step-days",
            type=int,
            default=STEP_DAYS,
            help="days between two nights: fewer nights are faster, and find later",
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            told = self._told(options)
        except ImportRefused as error:
            raise CommandError(error.text()) from None
        if options["json"]:
            self.stdout.write(json.dumps(told, indent=2, ensure_ascii=False))
            return
        self._show(told)

    def _told(self, options: dict[str, Any]) -> dict[str, Any]:
        tell = self.stderr.write
        how = {"until": options["until"], "step_days": max(1, options["step_days"]), "tell": tell}
        if options["population"]:
            return evaluate(options["population"], **how)
        for name, least in LEAST.items():
            if options[name] < least:
                raise CommandError(f"--{name} {options[name]}: at least {least}.")
        with tempfile.TemporaryDirectory() as folder:
            made = make_population(
                members=options["members"],
                providers=options["providers"],
                claims=options["claims"],
                seed=options["seed"],
                tell=tell,
            )
            write_population(made, Path(folder), tell=tell)
            return evaluate(Path(folder), **how)

    def _show(self, told: dict[str, Any]) -> None:
        table = Table(show_header=False)
        if "schemes_recall" not in told:
            self.stderr.write("labels.csv: absent; only shares can be told")
        for name, value in told.items():
            text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
            table.add_row(name, text, _TARGETS.get(name, ""))
        Console(file=self.stdout, width=160).print(table)
