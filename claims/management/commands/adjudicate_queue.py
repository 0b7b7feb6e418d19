"""`adjudicate_queue`: judge every claim received and not judged yet, and watch it being done."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from claims.models import Run
from claims.selectors import current_run, run_progress
from claims.services import cancel_run, close_runs, pause_run, resume_run, start_run
from core import clock, outbox
from core.errors import DomainError
from core.tasks import BATCH

BY = "system:command"
LOOK_SECONDS = 0.5


class Command(BaseCommand):
    help = (
        "Liquide tous les dossiers reçus et pas encore jugés, ou suit la liquidation en cours ; les "
        "ouvriers font le travail. Sort 1 si des dossiers ont été mis de côté."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--here", action="store_true", help="fait le travail dans ce processus, sans ouvrier"
        )
        deeds = parser.add_mutually_exclusive_group()
        for name, told in (
            ("pause", "met en pause et sort"),
            ("resume", "reprend, puis suit"),
            ("cancel", "arrête et sort : le reste attend une autre liquidation"),
        ):
            deeds.add_argument(
                f"--{name}", dest="deed", action="store_const", const=name, help=told
            )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = self._conduct(options["deed"])
        except DomainError as refusal:
            raise CommandError(f"{refusal.code}: {refusal.text('fr')}") from refusal
        if run is None:
            return
        try:
            self._follow(run, here=options["here"])
        except KeyboardInterrupt:
            self.stdout.write("La liquidation continue : `--pause` la met en pause.")
            return
        aside = run_progress(run).set_aside
        if aside:
            raise CommandError(
                f"{aside} dossier(s) mis de côté : voyez « Liquidation en lot » au bureau."
            )

    def _conduct(self, deed: str | None) -> Run | None:
        """Do what was asked; return the run to follow, if any."""
        run, at = current_run(), clock.now()
        if deed is None:
            return run or start_run(by=BY, at=at)
        if run is None:
            raise CommandError("Aucune liquidation en cours.")
        deeds = {"pause": pause_run, "resume": resume_run, "cancel": cancel_run}
        deeds[deed](run=run, by=BY, at=at)
        return run if deed == "resume" else None

    def _follow(self, run: Run, *, here: bool) -> None:
        columns = (
            TextColumn("liquidation"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]} dossiers/s"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(file=self.stdout)) as bar:  # type: ignore[arg-type]
            task = bar.add_task("", total=run.total, rate=0)
            while True:
                progress = run_progress(run)
                rate = round(progress.rate(run, at=clock.now()))
                bar.update(task, completed=progress.done + progress.set_aside, rate=rate)
                if not progress.left or run.ended_at:
                    break
                if not (here and _work()):
                    time.sleep(LOOK_SECONDS)
                run.refresh_from_db()
        close_runs(at=clock.now())


def _work() -> bool:
    """Deliver what waits in the outbox; tell whether there was something."""
    messages = outbox.take(at=clock.now(), limit=BATCH)
    outbox.deliver(messages, at=clock.now())
    return bool(messages)
