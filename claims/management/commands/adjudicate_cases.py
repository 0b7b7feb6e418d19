"""``manage.py adjudicate_cases FILE``: judge a file of cases, with no database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from claims.adjudication.batch import judge_lines
from claims.selectors import law


class Command(BaseCommand):
    """One JSON object a line in, one JSON object a line out (docs/adjudication.md, "Exchange format")."""

    help = (
        "Liquide un fichier de cas, un objet JSON par ligne, avec le moteur et la loi du produit."
    )
    requires_system_checks: list[str] = []  # type: ignore[assignment]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            cases = file.open("rb")
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from error
        malformed = 0
        with cases:
            for answer, well_formed in judge_lines(cases, law()):
                self.stdout.write(answer)
                malformed += not well_formed
        if malformed:
            raise CommandError(f"{malformed} malformed line(s)", returncode=1)
