"""Drill the offline API as a software house's devices use it: `manage.py drill_sync`."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

SEED, ANSWERS = "1", 10_000


class Command(BaseCommand):
    """Becomes the drill, which has servers of its own: the database of this site is left alone."""

    help = (
        "Perd les réponses de l’API hors ligne, rejoue, mélange, falsifie, puis compare les livres."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", default=SEED)
        parser.add_argument("--answers-lost", type=int, default=ANSWERS)

    def handle(self, *_args: Any, **options: Any) -> None:
        asked = [f"--seed={options['seed']}", f"--answers-lost={options['answers_lost']}"]
        command = [sys.executable, "-m", "config.offline_drill", "houses", *asked]
        os.execv(sys.executable, command)  # noqa: S606 (our own module, no shell)
