"""The entrance of every import at a terminal: options, progress, the printed account."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from core.imports.loading import Edition, Options, PublishedList, load_list
from core.imports.report import ImportRefused, ImportReport, Notice
from core.imports.versions import Extent

STEPS = ("read", "check", "compare", "write")
SHOWN_EACH = 5


class ListCommand(BaseCommand):
    """`import_<list> FILE --valid-from YYYY-MM-DD`; a subclass names the list and its help."""

    published: PublishedList
    requires_system_checks: ClassVar[Any] = ()
    can_end = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the list: CSV (UTF-8) or xlsx")
        parser.add_argument(
            "--valid-from", type=day, required=True, help="first day this edition holds"
        )
        parser.add_argument(
            "--source", default="", help="where the file comes from; its name if unsaid"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="show the account, write nothing"
        )
        parser.add_argument(
            "--skip-refused", action="store_true", help="load the other lines when some are refused"
        )
        parser.add_argument(
            "--report", type=Path, help="write every refusal and warning to this CSV"
        )
        if self.can_end:
            parser.add_argument(
                "--partial", action="store_true", help="the file is an extract: end nothing"
            )
            parser.add_argument(
                "--allow-shrink", action="store_true", help="let more than 20 %% of the list end"
            )

    def handle(self, *_args: object, **options: Any) -> None:
        _refuse_an_unwritable_report(options["report"])
        self.stdout.ending = ""  # Django would break the line after each piece of a progress bar
        console = Console(file=self.stdout, soft_wrap=True)
        edition = Edition(
            valid_from=options["valid_from"],
            source=options["source"] or options["file"].name,
            by=f"system:import_{self.published.name}",
            at=timezone.now(),
        )
        chosen = Options(
            extent=Extent.PARTIAL if options.get("partial") else Extent.COMPLETE,
            allow_shrink=bool(options.get("allow_shrink")),
            skip_refused=options["skip_refused"],
            dry_run=options["dry_run"],
        )
        try:
            report = self._load(console, options["file"], edition, chosen)
        except ImportRefused as refusal:
            told = getattr(refusal, "report", None)
            if told is not None:
                self._account(console, told, options["report"])
            raise CommandError(refusal.text()) from None
        self._account(console, report, options["report"])
        if not report.written:
            console.print("Dry run: nothing was written.")

    def _load(
        self, console: Console, path: Path, edition: Edition, options: Options
    ) -> ImportReport:
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console) as progress:
            task = progress.add_task(path.name, total=len(STEPS) + 1)

            def tell(step: str) -> None:
                progress.update(task, completed=STEPS.index(step) + 1, description=step)

            report = load_list(self.published, path, edition, options, tell)
            progress.update(task, completed=len(STEPS) + 1, description=path.name)
        return report

    def _account(self, console: Console, report: ImportReport, path: Path | None) -> None:
        table = Table(show_header=False, box=None)
        table.add_row("lines", str(report.lines))
        for name, count in report.counts.items():
            table.add_row(name, str(count))
        console.print(table)
        for code, count in report.warnings_by_code().items():
            console.print(f"  {code}: {count}", highlight=False)
        self._notices(console, "Refused", report.refused)
        self._notices(console, "Warned", report.warnings)
        if path is not None:
            report.save(path)

    def _notices(self, console: Console, title: str, notices: list[Notice]) -> None:
        shown = _first_of_each_code(notices)
        for notice in shown:
            console.print(
                f"{title}, line {notice.line}, {notice.key}: {notice.code}, {notice.text}",
                highlight=False,
                markup=False,
            )
        if rest := len(notices) - len(shown):
            console.print(f"… and {rest} more; --report FILE writes them all", highlight=False)


def _first_of_each_code(notices: list[Notice]) -> list[Notice]:
    shown: list[Notice] = []
    told: dict[str, int] = {}
    for notice in notices:
        told[notice.code] = told.get(notice.code, 0) + 1
        if told[notice.code] <= SHOWN_EACH:
            shown.append(notice)
    return shown


def _refuse_an_unwritable_report(path: Path | None) -> None:
    """Before anything is read: an import must not be done and its account then be lost."""
    if path is not None and (path.is_dir() or not path.parent.is_dir()):
        raise CommandError(f"--report: {path} cannot be written; nothing was imported.")


def day(text: str) -> date:
    return date.fromisoformat(text)
