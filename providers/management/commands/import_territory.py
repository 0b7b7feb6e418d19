"""`import_territory FILE --valid-from DAY`: regions, provinces and communes."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from core.imports.command import ListCommand
from providers.reference.territory import territory


class Command(ListCommand):
    help = "Imports regions, provinces or communes; the territory keeps no versions."
    published = territory()
    can_end = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--parents", type=Path, help="the file that names the parent ids used in this one"
        )

    def handle(self, *args: object, parents: Path | None = None, **options: Any) -> None:
        self.published = territory(parents)
        super().handle(*args, **options)
