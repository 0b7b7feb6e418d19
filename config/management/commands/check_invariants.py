"""`check_invariants`: twelve queries that must return nothing; exit status 1 when one returns a row."""

import json
import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.table import Table

from config.invariants.checking import Finding, check_and_record
from core import clock


class Command(BaseCommand):
    help = "Checks what must always be true of the database, and says what breaks it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="counts and first keys as JSON")

    def handle(self, *, json: bool, **_options: object) -> None:
        findings = check_and_record(by="system:check_invariants", at=clock.now())
        if json:
            self.stdout.write(_as_json(findings))
        else:
            Console(file=self.stdout).print(_table(findings))
        if not all(finding.holds for finding in findings):
            sys.exit(1)


def _as_json(findings: list[Finding]) -> str:
    return json.dumps(
        {
            finding.invariant.id: {"rows": finding.count, "keys": finding.keys}
            for finding in findings
        }
    )


def _table(findings: list[Finding]) -> Table:
    table = Table(show_header=False)
    for finding in findings:
        told = "ok" if finding.holds else f"{finding.count}: {', '.join(finding.keys)}"
        table.add_row(finding.invariant.id, str(finding.invariant.sentence), told)
    return table
