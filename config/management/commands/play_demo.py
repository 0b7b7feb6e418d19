"""`play_demo`: the whole story against a running site, then the table of logins."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from config.demo.doors import DoorClosed
from config.demo.logins import DemoRefused, make_logins
from config.demo.record import what_happened
from config.demo.scenario import Scenario


class Command(BaseCommand):
    help = (
        "Joue le scénario de la démonstration, de l’ordonnance au virement, et écrit var/demo.json."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--base-url", required=True, help="adresse du site en marche")

    def handle(self, *args: Any, **options: Any) -> None:
        scenario = Scenario(options["base_url"].rstrip("/"), self.stdout.write)
        try:
            rows = self._prepare(scenario.seconds)
            scenario.play()
        except (DemoRefused, DoorClosed) as stop:
            raise CommandError(
                f"{stop}\nWhat was already received is kept; run the same command again to go on."
            ) from stop
        happened = what_happened(scenario.seconds)
        path = settings.VAR_DIR / "demo.json"
        path.write_text(json.dumps(happened, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        # With the keys enrolled on the way: a device may go offline from its first visit.
        call_command("make_pack", stdout=self.stdout)
        self._show(rows, options["base_url"])

    def _prepare(self, seconds: dict[str, float]) -> list[dict[str, str]]:
        """Load the shipped lists and the invented people, and make the logins."""
        start = time.monotonic()
        call_command("load_reference", stdout=self.stdout)
        call_command("load_demo_people", stdout=self.stdout)
        rows = make_logins(at=timezone.now())
        seconds["people"] = round(time.monotonic() - start, 2)
        self.stdout.write(f"  ✓ Listes, personnes inventées et comptes ({seconds['people']:.1f} s)")
        return rows

    def _show(self, rows: list[dict[str, str]], base_url: str) -> None:
        console = Console(file=self.stdout._out, width=120)
        table = Table(title=f"Waraqa : {base_url}", title_justify="left")
        for heading in ("identifiant", "rôle", "mot de passe", "langue", "second facteur"):
            table.add_column(heading, no_wrap=True)
        for row in rows:
            table.add_row(
                row["login"], row["role"], row["password"], row["language"], row["secret"]
            )
        console.print(table)
        self.stdout.write(
            "Code du moment d’un second facteur : python manage.py demo_code LOGIN\n"
            f"Soignants {base_url}/cabinet/ · Pharmaciens {base_url}/pharmacie/ · "
            f"Assurés {base_url}/assure/ · CNSS {base_url}/admin/ · API {base_url}/api/v1/docs"
        )
