"""`photograph_screens`: every screen of a running demonstration, and the contact sheet."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from playwright.sync_api import Error as PlaywrightError

from config.demo.contact_sheet import write_contact_sheet
from config.demo.doors import DoorClosed
from config.demo.tour import Tour


class Command(BaseCommand):
    help = (
        "Photographie tous les écrans de la démonstration en marche, en français et en arabe, "
        "et écrit var/screens/contact-sheet.html et .png."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--base-url", required=True, help="adresse du site en marche")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = settings.VAR_DIR / "screens"
        try:
            album = Tour(options["base_url"].rstrip("/"), folder, self.stdout.write).walk()
        except (DoorClosed, PlaywrightError) as stop:
            raise CommandError(f"The tour stopped after the last line above: {stop}") from stop
        for path in write_contact_sheet(album):
            self.stdout.write(f"  ✓ {path.relative_to(settings.BASE_DIR)}")
