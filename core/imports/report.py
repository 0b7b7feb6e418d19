"""What an import found: counts, refused lines and warnings, and the refusals of a whole file."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell about one line of the file: a code for programs, a sentence for people."""

    line: int
    key: str
    code: str
    text: str


@dataclass(slots=True)
class ImportReport:
    """The account of one import; `ended` and the others count entries of the list, not lines."""

    new: int = 0
    changed: int = 0
    ended: int = 0
    unchanged: int = 0
    kept: int = 0
    lines: int = 0
    refused: list[Notice] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)
    written: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """The counts by name, in the order people read them."""
        return {
            "new": self.new,
            "changed": self.changed,
            "ended": self.ended,
            "unchanged": self.unchanged,
            "kept": self.kept,
            "refused": len(self.refused),
            "warnings": len(self.warnings),
        }

    def warnings_by_code(self) -> dict[str, int]:
        """How many warnings of each code, in order of appearance."""
        found: dict[str, int] = {}
        for notice in self.warnings:
            found[notice.code] = found.get(notice.code, 0) + 1
        return found

    def save(self, path: Path) -> None:
        """Write every refusal and warning, none left out, as a CSV file."""
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["kind", "line", "key", "code", "message"])
            for kind, notices in (("refused", self.refused), ("warning", self.warnings)):
                writer.writerows([kind, n.line, n.key, n.code, n.text] for n in notices)


class ImportRefused(DomainError):
    """The file as a whole cannot be imported; nothing was written."""

    code = "IMPORT_REFUSED"
    status = 422


class FileNotReadable(ImportRefused):
    code = "FILE_NOT_READABLE"
    message = _("Le fichier %(file)s ne peut pas être lu : %(reason)s.")


class WrongEncoding(ImportRefused):
    code = "WRONG_ENCODING"
    message = _(
        "Le fichier %(file)s n’est pas en UTF-8 (octet %(position)d) : enregistrez-le en « CSV UTF-8 »."
    )


class EmptyFile(ImportRefused):
    code = "EMPTY_FILE"
    message = _("Le fichier %(file)s ne contient aucune ligne.")


class BrokenFile(ImportRefused):
    code = "BROKEN_FILE"
    message = _("Le fichier %(file)s n’est pas un tableau bien formé : %(reason)s.")


class MissingColumns(ImportRefused):
    code = "MISSING_COLUMNS"
    message = _("Colonnes absentes de %(file)s : %(columns)s.")


class LinesRefused(ImportRefused):
    """Some lines are wrong, and the caller did not say to go on without them."""

    code = "LINES_REFUSED"
    message = _(
        "%(count)d ligne(s) refusée(s), rien n’a été écrit : corrigez le fichier, "
        "ou importez sans elles (--skip-refused)."
    )

    def __init__(self, *, report: ImportReport) -> None:
        super().__init__(count=len(report.refused))
        self.report = report


class PastWouldChange(ImportRefused):
    code = "PAST_WOULD_CHANGE"
    message = _(
        "La liste a déjà une version au %(latest)s : une liste valable dès le %(valid_from)s "
        "réécrirait le passé. Rien n’a été écrit."
    )


class ListWouldShrink(ImportRefused):
    """More of the list would end than a new edition of it usually ends."""

    code = "LIST_WOULD_SHRINK"
    message = _(
        "%(ended)d entrée(s) sur %(total)d prendraient fin, plus de %(percent)d %% : le fichier est-il "
        "complet ? Dites --partial s’il n’est qu’un extrait, --allow-shrink si c’est voulu. "
        "Rien n’a été écrit."
    )

    def __init__(self, *, report: ImportReport, total: int, percent: int) -> None:
        super().__init__(ended=report.ended, total=total, percent=percent)
        self.report = report
