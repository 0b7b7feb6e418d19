"""`load_reference`: the lists shipped under fixtures/reference, through the very imports of `import_*`."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from claims.reference import ACTS
from core.imports.loading import Edition, Options, PublishedList, load_list
from core.imports.report import ImportRefused, PastWouldChange
from core.imports.versions import Extent
from insured.reference import ILLNESSES
from payments.reference.accounts import ACCOUNTS
from prescriptions.reference import MEDICINES
from providers.reference.register import PROVIDERS
from providers.reference.territory import territory

FOLDER = settings.BASE_DIR / "fixtures" / "reference"
PUBLISHED = {
    each.name: each for each in (territory(), PROVIDERS, ACCOUNTS, ILLNESSES, MEDICINES, ACTS)
}


@dataclass(frozen=True, slots=True)
class Shipped:
    """One shipped file: its list, and the edition it is stored as."""

    published: PublishedList
    path: Path
    valid_from: date
    source: str


def shipped_lists(folder: Path = FOLDER) -> list[Shipped]:
    """What `lists.yaml` names, in its order: a list comes after those it refers to."""
    content = yaml.safe_load((folder / "lists.yaml").read_text(encoding="utf-8"))
    return [
        Shipped(PUBLISHED[each["list"]], folder / each["file"], each["valid_from"], each["source"])
        for each in content
    ]


class Command(BaseCommand):
    help = (
        "Loads the shipped lists. Only what is missing is added: what a person or a later list "
        "changed is kept, and a list that already has a later edition is left alone."
    )
    requires_system_checks = ()

    def handle(self, *_args: object, **_options: Any) -> None:
        for shipped in shipped_lists():
            self.stdout.write(f"{shipped.published.name}: {self._load(shipped)}")

    def _load(self, shipped: Shipped) -> str:
        edition = Edition(
            valid_from=shipped.valid_from,
            source=shipped.source,
            by="system:load_reference",
            at=timezone.now(),
        )
        options = Options(extent=Extent.MISSING_ONLY)
        try:
            report = load_list(shipped.published, shipped.path, edition, options)
        except PastWouldChange:
            return "a later edition is loaded, kept"
        except ImportRefused as refusal:
            raise CommandError(f"{shipped.path.name}: {refusal.text()}") from None
        return f"{report.new} new, {report.unchanged} unchanged, {report.kept} kept as stored"
