"""The list of long illnesses (ALD, ALC): the CNSS list, which has no rates, and our own typed layout."""

import re
from datetime import date

from django.utils.translation import gettext as _

from core.imports import cells
from core.imports.cells import CellError
from core.imports.files import Row, Table
from core.imports.loading import (
    Edition,
    PublishedList,
    Reading,
    read_rows,
    settle_duplicates,
    stored_versions,
    write_versions,
)
from core.imports.report import ImportReport, Notice
from core.imports.versions import Difference, Values, Version
from insured.models import Illness

CNSS_COLUMNS = ("code_ald", "declinaisons", "pieces_fournir", "duree_mois", "cim10_propose")
TYPED_COLUMNS = (
    "code",
    "label",
    "label_ar",
    "category",
    "rate",
    "icd10",
    "documents",
    "duration_months",
    "source",
)
# The CNSS writes a letter and three digits; ICD-10 codes (E11, N18.5) never look so.
CNSS_CODE = re.compile(r"[A-Z]\d{3}", re.ASCII)
DEFAULTS: Values = {
    "label": "",
    "label_ar": "",
    "category": "",
    "rate_bp": None,
    "icd10": "",
    "documents": "",
    "duration_months": None,
}
SHORT, LONG = 250, 2000


def read_illnesses(table: Table, report: ImportReport, edition: Edition) -> Reading:
    """Entries of a list of illnesses in either layout; every illness without a rate is warned of.

    The CNSS list gives no rate and no category: what a person confirmed is inherited.
    """
    is_typed = table.has(["code", "rate"])
    table.require(TYPED_COLUMNS if is_typed else CNSS_COLUMNS)
    code = "code" if is_typed else "code_ald"
    parse = _parse_typed if is_typed else _parse_cnss
    entries = read_rows(table, report, lambda row: row[code], parse)
    entries = settle_duplicates(
        entries,
        report,
        same=_("cette maladie est déjà, mot pour mot, à la ligne %(line)d"),
        other=_("ce code est aussi à la ligne %(line)d avec un autre contenu"),
    )
    report.warnings.extend(
        Notice(entry.line, entry.key, "NO_RATE", _("pas de taux dans ce fichier : à confirmer"))
        for entry in entries
        if entry.values.get("rate_bp") is None
    )
    return Reading(
        entries, spoken_for=lambda key: bool(CNSS_CODE.fullmatch(key)), is_supplement=is_typed
    )


def _checked_code(text: str) -> None:
    if not text:
        raise CellError("CODE_MISSING", _("la maladie n’a pas de code"))
    cells.words(text, Illness._meta.get_field("code").max_length or 0, "code")


def _months(text: str, column: str) -> int | None:
    return cells.smallest_units(text, 0, column) if text else None


def _parse_cnss(row: Row) -> Values:
    _checked_code(row["code_ald"])
    return {
        "label": cells.words(row["declinaisons"], SHORT, "declinaisons"),
        "icd10": cells.words(row["cim10_propose"], 120, "cim10_propose"),
        "documents": cells.words(row["pieces_fournir"], LONG, "pieces_fournir"),
        "duration_months": _months(row["duree_mois"], "duree_mois"),
    }


def _parse_typed(row: Row) -> Values:
    _checked_code(row["code"])
    categories = [str(category) for category in Illness.Category.values]
    return {
        "label": cells.words(row["label"], SHORT, "label"),
        "label_ar": cells.words(row["label_ar"], SHORT, "label_ar"),
        "category": cells.one_of(row["category"], ["", *categories], "category"),
        "rate_bp": cells.basis_points(row["rate"], "rate") if row["rate"] else None,
        "icd10": cells.words(row["icd10"], 120, "icd10"),
        "documents": cells.words(row["documents"], LONG, "documents"),
        "duration_months": _months(row["duration_months"], "duration_months"),
        "source": cells.words(row["source"], SHORT, "source"),
    }


def stored_illnesses(day: date) -> dict[str, Version]:
    """The illnesses in force on `day`, by code."""
    return stored_versions(Illness, "code", DEFAULTS, day)


def write_illnesses(difference: Difference, edition: Edition) -> None:
    """Open, correct and close versions of illnesses."""

    def complete(code: str, values: Values) -> Values:
        return {**DEFAULTS, **values, "code": code}

    write_versions(Illness, difference, edition, complete)


ILLNESSES = PublishedList(
    name="illnesses",
    subject=Illness,
    dated=Illness,
    read=read_illnesses,
    stored=stored_illnesses,
    write=write_illnesses,
    ignored=frozenset({"source"}),
)
