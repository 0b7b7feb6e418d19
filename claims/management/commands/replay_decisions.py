"""`replay_decisions --since DAY`: judge stored decisions again, and say what would change."""

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from claims.adjudication.law import Law
from claims.adjudication.legislation.loader import load_law
from claims.adjudication.parameters import LawError
from claims.presenters.replay import GROUPINGS, shown_groups
from claims.selectors import law
from claims.services import Replay, replay_decisions
from core.money import display_dirhams


class Command(BaseCommand):
    """Totals by rule, by region and by speciality; nothing is written to the database."""

    help = (
        "Juge à nouveau les décisions prises depuis un jour, sur les faits enregistrés, avec la loi en "
        "vigueur ou celle d’un dossier, et dit ce qui changerait, par règle, région et spécialité."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        day = date.fromisoformat
        parser.add_argument("--since", type=day, required=True, metavar="DAY")
        parser.add_argument("--until", type=day, metavar="DAY", help="dernier jour, compris")
        parser.add_argument("--law", type=Path, metavar="DIR", help="dossier d’une autre loi")
        parser.add_argument("--limit", type=int, metavar="N")
        parser.add_argument("--json", type=Path, metavar="FILE", dest="json_file")
        parser.add_argument(
            "--expect-equal",
            action="store_true",
            help="finit avec l’état 1 s’il y a une différence",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        replay = Replay(law=_law_of(options["law"]), since=options["since"], until=options["until"])
        console = Console(file=self.stdout, highlight=False)
        limit, total = options["limit"], replay.total()
        with _bar(console) as bar:
            line = bar.add_task("Décisions", total=total if limit is None else min(limit, total))
            tally = replay_decisions(
                replay, limit=limit, progress=lambda done: bar.advance(line, done)
            )
        report = {
            "law": replay.law.digest,
            "since": options["since"].isoformat(),
            **tally.to_dict(),
        }
        if options["json_file"]:
            text = json.dumps(report, indent=1, ensure_ascii=False) + "\n"
            options["json_file"].write_text(text, encoding="utf-8")
        _print(console, report)
        if options["expect_equal"] and not tally.is_equal:
            raise CommandError("Les décisions ne sont pas toutes identiques.", returncode=1)


def _law_of(folder: Path | None) -> Law:
    try:
        return law() if folder is None else load_law(folder)
    except LawError as error:
        raise CommandError(str(error)) from error


class _Rate(ProgressColumn):
    """Decisions a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.0f}/s" if speed else "")


def _bar(console: Console) -> Progress:
    """Count, rate and time left."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
        console=console,
    )


def _print(console: Console, report: dict[str, Any]) -> None:
    console.print(
        f"{report['judged']} décisions jugées à nouveau : {report['equal']} identiques, "
        f"{report['changed']} différentes ({report['lines']['lines']} lignes)."
    )
    before, after, difference = _amounts(report)
    console.print(f"Remboursé {before} DH, puis {after} DH : différence {difference} DH.")
    for key, count in report["no_law"].items():
        console.print(f"{count} non jugées : {key} n’a pas de valeur un jour de soin.")
    for name, title in GROUPINGS.items():
        if report[name]:
            console.print(_table(str(title), shown_groups(name, report[name])))


def _table(title: str, groups: list[dict[str, Any]]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for heading in ("lignes", "avant (DH)", "après (DH)", "différence (DH)"):
        table.add_column(heading, justify="right")
    for each in groups:
        table.add_row(each["label"], str(each["lines"]), *_amounts(each))
    return table


def _amounts(total: dict[str, Any]) -> list[str]:
    return [
        display_dirhams(total[f"{name}_centimes"]) for name in ("before", "after", "difference")
    ]
