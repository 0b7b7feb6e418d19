"""`bench settle | submit | search | safety | fraud`: ratios in one run, counts (docs/performance.md)."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from config.bench import fraud, report, safety, search, settle, submit
from config.bench.databases import Address, server_facts
from config.bench.stock import Size
from config.embedded import supervisor
from config.embedded.addresses import EmbeddedServiceError, this_place

TARGETS = {
    "settle": report.SETTLE,
    "submit": report.SUBMIT,
    "safety": report.SAFETY,
    "fraud": report.FRAUD,
}


class Command(BaseCommand):
    help = (
        "Measures settlement (settle) or the request of one claim (submit) in databases of their own beside "
        "the product's, whose histories are kept for the next run; a search of medicines, a safety check."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["settle", "submit", "search", "safety", "fraud"])
        parser.add_argument(
            "--claims",
            type=int,
            default=20_000,
            help="claims a variant settles; of the history (fraud)",
        )
        parser.add_argument(
            "--requests", type=int, default=400, help="requests of each kind a round (submit)"
        )
        parser.add_argument("--rounds", type=int, default=5, choices=range(1, 6))
        parser.add_argument(
            "--history", type=int, default=200_000, help="judged claims stored; also ten times that"
        )
        parser.add_argument("--json", action="store_true", help="print JSON only")

    def handle(self, *args: Any, **options: Any) -> None:
        what, place = options["what"], this_place()
        if what == "search":
            self.stdout.write(json.dumps(self._search(options), indent=2))
            return
        keys = supervisor.wanted(
            database=settings.DATABASES["default"]["HOST"],
            broker=settings.CELERY_BROKER_URL,
            place=place,
        )
        try:
            with supervisor.in_use(place, keys):
                told = self._measure(what, options)
        except (EmbeddedServiceError, submit.RequestsRefused, safety.ChecksRefused) as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps(told, indent=2))
        else:
            report.show(told, TARGETS[what], Console(file=self.stdout))

    def _search(self, options: dict[str, Any]) -> dict[str, Any]:
        told = search.run(requests=options["requests"], rounds=options["rounds"])
        server = server_facts(Address.of(settings.DATABASES["default"]))
        return {**told, "machine": report.machine(server)}

    def _measure(self, what: str, options: dict[str, Any]) -> dict[str, Any]:
        address = Address.of(settings.DATABASES["default"])
        if what == "safety":
            told = safety.run(
                address=address,
                requests=options["requests"],
                rounds=options["rounds"],
                root=settings.BASE_DIR,
                tell=self.stderr.write,
            )
            return {**told, "machine": report.machine(server_facts(address))}
        if what == "fraud":
            told = fraud.run(
                address=address,
                claims=options["claims"],
                root=settings.BASE_DIR,
                tell=self.stderr.write,
            )
            return {**told, "machine": report.machine(server_facts(address))}
        shared = {
            "address": address,
            "size": Size(options["history"]),
            "rounds": options["rounds"],
            "root": settings.BASE_DIR,
            "tell": self.stderr.write,
        }
        if what == "settle":
            told = settle.run(settle.Plan(claims=options["claims"], **shared))
        else:
            told = submit.run(requests=options["requests"], **shared)
        return {**told, "machine": report.machine(server_facts(address))}
