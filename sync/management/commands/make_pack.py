"""`make_pack`: seal a reference pack now, if anything changed since the last one."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import clock
from core.errors import DomainError
from sync import services
from sync.selectors import latest_pack


class Command(BaseCommand):
    help = "Fait le paquet de référence des postes hors ligne, si la loi, une liste ou une clé a changé."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = services.make_pack(by="system:command", at=clock.now())
        except DomainError as refusal:
            raise CommandError(refusal.text()) from refusal
        pack = made or latest_pack()
        assert pack is not None  # noqa: S101 (one was made, or stood already)
        self.stdout.write("Paquet fait." if made else "Rien n’a changé : le dernier paquet tient.")
        for part in pack.manifest["parts"]:
            sizes = f"{part['bytes']:>10} {part['compressed']:>9} o"
            self.stdout.write(f"{part['name']:<12}{sizes} {part['rows'] or ''}")
