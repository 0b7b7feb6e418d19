"""`plan_payment_days --year Y`: creates the missing payment days of a year from the law's rules."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import DomainError
from payments.services import plan_payment_days


class Command(BaseCommand):
    help = "Crée les jours de paiement manquants d’une année, hors fins de semaine et jours fériés."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--year", type=int, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            created = plan_payment_days(
                year=options["year"], by="system:calendar", at=timezone.now()
            )
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        for day in created:
            self.stdout.write(str(day))
        self.stdout.write(f"{len(created)}")
