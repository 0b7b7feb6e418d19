"""`export_pack`: the law and the published lists as one signed JSON, enough to judge elsewhere."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from claims.adjudication.pack import LISTS, canonical
from claims.reference.packs import sealed_pack
from claims.selectors import law
from core import clock
from core.errors import DomainError

ALL, NONE = "all", "none"


class Command(BaseCommand):
    """`python -m claims.adjudication PACK CASES` judges with it, with nothing but Python."""

    help = (
        "Écrit la loi et les listes publiées en un seul document JSON signé par le sceau du serveur, "
        "de quoi juger ailleurs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, metavar="FILE")
        parser.add_argument("--lists", nargs="+", choices=[ALL, NONE, *LISTS], default=[ALL])
        parser.add_argument("--day", type=date.fromisoformat, help="jour de l’export (aujourd’hui)")
        parser.add_argument("--valid-from", type=date.fromisoformat, help="par défaut ce jour")

    def handle(self, *args: Any, **options: Any) -> None:
        day = options["day"] or clock.today()
        try:
            pack = sealed_pack(
                law=law(),
                names=_names(options["lists"]),
                created_on=day,
                valid_from=options["valid_from"] or day,
            )
        except DomainError as refusal:
            raise CommandError(refusal.text()) from refusal
        text = canonical(pack).decode()
        if options["out"] is None:
            self.stdout.write(text)
        else:
            options["out"].write_text(f"{text}\n", encoding="utf-8")
        self.stderr.write(f"Loi {pack['digests']['law'][:12]}, sceau {pack['signature']['kid']}")


def _names(asked: list[str]) -> list[str]:
    if len(asked) > 1 and {ALL, NONE} & set(asked):
        raise CommandError(f"{ALL} et {NONE} se donnent seuls.")
    return {ALL: list(LISTS), NONE: []}.get(asked[0], asked)
