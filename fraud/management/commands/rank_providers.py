"""`rank_providers FILE`: whether the ranking aid beats the plain sort on a labelled set of providers."""

import json
from argparse import ArgumentParser
from pathlib import Path
from statistics import mean
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fraud.reference import ranking

SEEDS = (0, 1, 2)


class Command(BaseCommand):
    help = (
        "Measures the ranking aid beside « sort by amount », cross-validated by provider over three seeds; "
        "it is kept only if it beats the sort, and never decides."
    )
    requires_system_checks: list[str] = []  # type: ignore[assignment]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rows = ranking.read(options["file"])
            found = [ranking.judge(rows, seed=seed) for seed in SEEDS]
        except (OSError, KeyError, ValueError) as error:
            raise CommandError(f"{options['file']}: {error}") from None
        plain, aid = mean(each.plain for each in found), mean(each.aid for each in found)
        told = {
            "providers": found[0].providers,
            "frauds": found[0].frauds,
            "average_precision_sort": round(plain, 4),
            "average_precision_aid": round(aid, 4),
            "kept": aid > plain,
        }
        if options["json"]:
            self.stdout.write(json.dumps(told, indent=2))
            return
        self.stdout.write(f"sort by amount  {plain:.3f}\naid             {aid:.3f}")
        self.stdout.write("kept" if aid > plain else "not kept: the list shows the sort alone")
