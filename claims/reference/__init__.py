"""The list of acts: the order 177-06's layout, which has no key letters, and our own typed one."""

import re
from datetime import date
from functools import partial

from django.utils.translation import gettext as _

from claims.adjudication.law import Law
from claims.models import Act
from claims.selectors import law
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
from core.search import searchable

NGAP_COLUMNS = (
    "code",
    "libelle",
    "coefficient",
    "coefficient_anesthesie",
    "coefficient_brut",
    "chapitre",
    "groupe",
    "coefficients_en_conflit",
)
TYPED_COLUMNS = (
    "code",
    "label",
    "label_ar",
    "letter",
    "coefficient",
    "flat_tariff",
    "covered",
    "needs_prior_approval",
    "ceiling",
    "frequency",
    "chapter",
    "source",
)
# The order numbers its acts by a chapter letter and three digits; other codes are not its own.
NGAP_CODE = re.compile(r"[A-Z]\d{3}", re.ASCII)
DEFAULTS: Values = {
    "label": "",
    "label_ar": "",
    "chapter": "",
    "letter": "",
    "coefficient_hundredths": None,
    "coefficient_text": "",
    "flat_tariff_centimes": None,
    "covered": True,
    "needs_prior_approval": False,
    "ceiling": "",
    "frequency": "",
}
CHAPTER_LENGTH = 250
LABEL_LENGTH = 2000
# Above any flat tariff of the published grids: a typing error.
PLAUSIBLE_CENTIMES = 100_000_000


def read_acts(table: Table, report: ImportReport, edition: Edition) -> Reading:
    """Entries of a list of acts in either layout.

    The order's layout speaks of labels, coefficients and chapters only, and only where a cell is
    filled: letters, Arabic labels and flags that a person gave are inherited. Our own layout is a
    supplement: it speaks of every column and ends nothing.
    """
    is_typed = table.has(["label", "letter"])
    table.require(TYPED_COLUMNS if is_typed else NGAP_COLUMNS)
    parse = partial(_parse_typed, law()) if is_typed else _parse_ngap
    entries = read_rows(table, report, lambda row: row["code"], parse)
    entries = settle_duplicates(
        entries,
        report,
        same=_("cet acte est déjà, mot pour mot, à la ligne %(line)d"),
        other=_("ce code est aussi à la ligne %(line)d avec un autre contenu"),
    )
    if is_typed:
        return Reading(entries, is_supplement=True)
    kept = {entry.line for entry in entries}
    for row in table.rows:
        if row.line in kept:
            report.warnings.extend(_warnings(row))
    return Reading(entries, spoken_for=lambda code: bool(NGAP_CODE.fullmatch(code)))


def _code(row: Row) -> None:
    if not row["code"]:
        raise CellError("CODE_MISSING", _("l’acte n’a pas de code"))
    cells.words(row["code"], Act._meta.get_field("code").max_length or 0, "code")


def _coefficient(text: str, column: str) -> int | None:
    if not text:
        return None
    hundredths = cells.smallest_units(text, 2, column)
    if hundredths == 0:
        raise CellError("COEFFICIENT_ZERO", _("le coefficient est zéro"))
    return hundredths


def _parse_ngap(row: Row) -> Values:
    _code(row)
    coefficient = row["coefficient"] if row["coefficient"].strip("0") else ""
    chapter = " : ".join(part for part in (row["chapitre"], row["groupe"]) if part)
    values: Values = {
        "label": cells.words(row["libelle"], LABEL_LENGTH, "libelle"),
        "coefficient_hundredths": _coefficient(coefficient, "coefficient"),
        "coefficient_text": cells.words(row["coefficient_brut"], 80, "coefficient_brut"),
        "chapter": chapter[:CHAPTER_LENGTH],
    }
    return {name: value for name, value in values.items() if value not in ("", None)}


def _parse_typed(law: Law, row: Row) -> Values:
    _code(row)
    coefficient, flat = row["coefficient"], row["flat_tariff"]
    values: Values = {
        "label": cells.words(row["label"], LABEL_LENGTH, "label"),
        "label_ar": cells.words(row["label_ar"], LABEL_LENGTH, "label_ar"),
        "letter": cells.words(row["letter"], 6, "letter"),
        "coefficient_hundredths": _coefficient(coefficient, "coefficient"),
        "coefficient_text": coefficient,
        "flat_tariff_centimes": cells.centimes(flat, PLAUSIBLE_CENTIMES, "flat_tariff") or None,
        "covered": cells.flag(row["covered"] or "1", "covered"),
        "needs_prior_approval": cells.flag(
            row["needs_prior_approval"] or "0", "needs_prior_approval"
        ),
        "ceiling": row["ceiling"],
        "frequency": row["frequency"],
        "chapter": cells.words(row["chapter"], CHAPTER_LENGTH, "chapter"),
        "source": cells.words(row["source"], CHAPTER_LENGTH, "source"),
    }
    _known_to_the_law(values, law)
    return values


def _known_to_the_law(values: Values, law: Law) -> None:
    """Refuse a letter, a ceiling or a frequency for which the law has no parameter."""
    keys = law.keys()
    letters = {key.split(".")[1] for key in keys if key.startswith("key_letters.")}
    for column, names in (
        ("letter", letters),
        ("ceiling", law.ceiling_names()),
        ("frequency", law.frequency_names()),
    ):
        if values[column] and values[column] not in names:
            cells.one_of(values[column], sorted(names), column)


def _warnings(row: Row) -> list[Notice]:
    raw = row["coefficient_brut"]
    found = {
        "NO_KEY_LETTER": (
            True,
            _(
                "pas de lettre clé dans ce fichier : attend dans la file « à rattacher » sans lettre donnée"
            ),
        ),
        "NO_LABEL": (not row["libelle"], _("pas de libellé")),
        "NO_COEFFICIENT": (not row["coefficient"] and not raw, _("pas de coefficient")),
        "COEFFICIENT_NOT_READ": (
            bool(raw) and not row["coefficient"],
            _("coefficient publié « %(raw)s » : gardé comme texte, à lire par une personne")
            % {"raw": raw},
        ),
        "ZERO_COEFFICIENT": (
            bool(row["coefficient"]) and not row["coefficient"].strip("0"),
            _("coefficient publié « %(raw)s » : zéro n’a pas de tarif, gardé comme texte")
            % {"raw": raw},
        ),
        "ANAESTHESIA_COEFFICIENT": (
            bool(row["coefficient_anesthesie"]),
            _("second coefficient (anesthésie) gardé dans le texte « %(raw)s »") % {"raw": raw},
        ),
        "COEFFICIENT_CONFLICT": (
            bool(row["coefficients_en_conflit"]),
            _("la source donne plusieurs coefficients : %(found)s")
            % {"found": row["coefficients_en_conflit"]},
        ),
    }
    return [
        Notice(row.line, row["code"], code, text) for code, (is_so, text) in found.items() if is_so
    ]


def stored_acts(day: date) -> dict[str, Version]:
    """The acts in force on `day`, by code."""
    return stored_versions(Act, "code", DEFAULTS, day)


def write_acts(difference: Difference, edition: Edition) -> None:
    """Open, correct and close versions of acts."""

    def complete(code: str, values: Values) -> Values:
        full = {**DEFAULTS, **values}
        words = (code, full["label"], full["label_ar"], full["chapter"])
        return {**full, "code": code, "search_text": searchable(*words)}

    write_versions(Act, difference, edition, complete)


ACTS = PublishedList(
    name="acts",
    subject=Act,
    dated=Act,
    read=read_acts,
    stored=stored_acts,
    write=write_acts,
    ignored=frozenset({"source"}),
)
