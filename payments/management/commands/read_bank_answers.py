"""`read_bank_answers FOLDER`: what the bank dropped, read by the machine, as often as one likes."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from core import clock
from core.errors import DomainError
from payments.gateways import MAX_ANSWER_BYTES
from payments.services import BANK_CHANNEL, read_bank_answer

SIGNATURE = ".sig"
MAX_SIGNATURE = 2_000


class Command(BaseCommand):
    """One line a file; nothing is moved nor deleted: a file read before changes nothing again."""

    help = (
        "Lit les fichiers .xml qu’une banque a déposés dans un dossier, chacun avec sa signature "
        "(même nom suivi de .sig). Se relance sans risque : ce qui est lu ne l’est qu’une fois."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="FOLDER")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        if not folder.is_dir():
            raise CommandError(_("%(folder)s n’est pas un dossier.") % {"folder": folder})
        refused = 0
        for file in sorted(folder.glob("*.xml")):
            said, ok = _read(file)
            self.stdout.write(f"{file.name}: {said}")
            refused += not ok
        if refused:
            raise CommandError(_("%(n)s fichier(s) refusé(s).") % {"n": refused}, returncode=1)


def _read(file: Path) -> tuple[str, bool]:
    """Read one file; return what happened in words, and whether it was taken."""
    at = clock.now()
    try:
        answer = read_bank_answer(
            content=_first_bytes(file, MAX_ANSWER_BYTES + 1),
            signature=_signature_of(file),
            by=BANK_CHANNEL,
            at=at,
        )
    except DomainError as refusal:
        return str(refusal), False
    except OSError as error:
        return f"{error.strerror}", False
    if answer.received_at != at:
        return _("déjà lu."), True
    counts = {"paid": answer.paid_count, "returned": answer.returned_count}
    return _("lu, %(paid)s payés, %(returned)s rejetés.") % counts, True


def _signature_of(file: Path) -> str:
    beside = file.with_name(file.name + SIGNATURE)
    if not beside.is_file():
        return ""
    return _first_bytes(beside, MAX_SIGNATURE).decode("ascii", "replace")


def _first_bytes(file: Path, limit: int) -> bytes:
    """Bytes of a file, no more than are asked for: a huge one is refused, not loaded."""
    with file.open("rb") as content:
        return content.read(limit)
