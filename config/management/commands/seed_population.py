"""`seed_population`: writes the files of a synthetic country, honest and fraudulent (docs/populations.md)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.population.making import make_population
from config.population.writing import write_population

# Below, a country lacks a speciality or a scheme has nobody to happen to.
LEAST = {"members": 500, "providers": 120, "claims": 2_000}


class Command(BaseCommand):
    help = (
        "Makes a synthetic country of a seed, with honest oddities and fourteen schemes, and writes it as the "
        "files evaluate_fraud reads. No person of it exists; the site's database is left alone."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--members", type=int, default=60_000)
        parser.add_argument("--providers", type=int, default=6_000)
        parser.add_argument("--claims", type=int, default=300_000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--directory", type=Path, default=Path("var") / "population")

    def handle(self, *_args: Any, **options: Any) -> None:
        for name, least in LEAST.items():
            if options[name] < least:
                raise CommandError(
                    f"--{name} {options[name]}: at least {least}. Nothing was written."
                )
        made = make_population(
            members=options["members"],
            providers=options["providers"],
            claims=options["claims"],
            seed=options["seed"],
            tell=self.stderr.write,
        )
        write_population(made, options["directory"], tell=self.stderr.write)
        self.stdout.write(str(options["directory"]))
