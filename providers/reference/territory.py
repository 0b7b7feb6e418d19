"""Regions, provinces and communes: several public layouts, one table, matched by name under a parent."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from core.imports import cells
from core.imports.cells import CellError
from core.imports.files import Row, Table, read_table
from core.imports.loading import Edition, PublishedList, Reading, read_rows, settle_duplicates
from core.imports.report import ImportReport, MissingColumns
from core.imports.versions import Difference, Entry, Values, Version
from core.imports.writing import insert_rows, update_rows
from core.record_keys import new_key
from core.search import searchable
from providers.models import Territory

Kind = Territory.Kind
TEN_METRES = Decimal("0.0001")
PLACE = {"latitude": 90, "longitude": 180}
COLUMNS = ("code", "kind", "name_fr", "name_ar", "parent_id", *PLACE)
# Suffix of municipalities in the lists of the Ministry of Health.
_MUNICIPALITY = re.compile(r"\s*\(Mun\.\)$")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where one public file keeps the kind, code, names and parent of a place."""

    kind: str
    name_fr: str
    code: str = ""
    name_ar: str = ""
    parent: str = ""
    source: str = ""

    @property
    def columns(self) -> list[str]:
        named = (self.name_fr, self.code, self.name_ar, self.parent, self.source)
        return [column for column in named if column]


TYPED = Layout("", "name_fr", "code", "name_ar", "parent", "source")
LAYOUTS = (
    TYPED,
    Layout(Kind.COMMUNE, "nom_fr", "commune_id", "nom_ar", "province_id"),
    Layout(Kind.PROVINCE, "nom_fr", "province_id", "nom_ar", "region_id"),
    Layout(Kind.REGION, "nom_fr", "region_id", "nom_ar"),
    Layout(Kind.COMMUNE, "commune", parent="delegation"),
    Layout(Kind.PROVINCE, "province", parent="region"),
)


def place_name(name: str) -> str:
    """The form in which two spellings of a place meet: no accents, signs or spaces."""
    return re.sub(r"[^\w]", "", searchable(name))


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """The places already stored, by code and by name, and the names behind a file's own parent ids."""

    by_code: dict[str, Any]
    by_name: dict[tuple[str, str], list[Any]]
    codes: dict[tuple[str, Any, str], str]
    names_of_ids: dict[str, str]

    @classmethod
    def read(cls, parents: Path | None) -> "Gazetteer":
        by_code: dict[str, Any] = {}
        by_name: dict[tuple[str, str], list[Any]] = {}
        codes: dict[tuple[str, Any, str], str] = {}
        rows = Territory.objects.values_list("id", "code", "kind", "name_fr", "parent_id")
        for identifier, code, kind, name, parent_id in rows:
            by_code[code] = identifier
            by_name.setdefault((kind, place_name(name)), []).append(identifier)
            codes[kind, parent_id, place_name(name)] = code
        return cls(by_code, by_name, codes, _names_of_ids(parents) if parents else {})

    def parent(self, text: str, kind: str) -> Any:
        """The stored place a cell means: a code, a name, or an id of the parents' file."""
        wanted = Kind.REGION if kind == Kind.PROVINCE else Kind.PROVINCE
        name = place_name(self.names_of_ids.get(text, text))
        found = self.by_name.get((wanted, name), [])
        if text in self.by_code:
            return self.by_code[text]
        if len(found) != 1:
            raise CellError(
                "UNKNOWN_PARENT",
                _("« %(text)s » ne désigne pas un seul territoire connu") % {"text": text},
            )
        return found[0]


def _names_of_ids(path: Path) -> dict[str, str]:
    table = read_table(path)
    layout = _layout(table)
    return {row[layout.code]: row[layout.name_fr] for row in table.rows if layout.code}


def _layout(table: Table) -> Layout:
    for layout in LAYOUTS:
        if table.has(layout.columns):
            return layout
    raise MissingColumns(file=table.file, columns=", ".join(TYPED.columns))


def read_territory(
    parents: Path | None, table: Table, report: ImportReport, edition: Edition
) -> Reading:
    """Entries of a list of places; a place already known by its name under the same parent keeps its code."""
    layout = _layout(table)
    parse = partial(_parse, layout, Gazetteer.read(parents))
    entries = read_rows(table, report, lambda row: row[layout.name_fr], parse)
    entries = settle_duplicates(
        [Entry(entry.line, entry.values["code"], entry.values) for entry in entries],
        report,
        same=_("ce territoire est déjà, mot pour mot, à la ligne %(line)d"),
        other=_("ce code est aussi à la ligne %(line)d avec un autre contenu"),
    )
    return Reading(entries, is_supplement=True)


def _parse(layout: Layout, gazetteer: Gazetteer, row: Row) -> Values:
    kind = layout.kind or cells.one_of(row["kind"], list(map(str, Kind.values)), "kind")
    name = cells.words(_MUNICIPALITY.sub("", row[layout.name_fr]), 120, layout.name_fr)
    if not name:
        raise CellError("NAME_MISSING", _("le territoire n’a pas de nom"))
    parent_id = None if kind == Kind.REGION else gazetteer.parent(row[layout.parent], kind)
    known = gazetteer.codes.get((str(kind), parent_id, place_name(name)))
    code = known or cells.words(row.get(layout.code), 20, "code") or _minted(kind, parent_id, name)
    values: Values = {"code": code, "kind": str(kind), "parent_id": parent_id}
    if known is None:
        values["name_fr"] = name
    for column, most in (("name_ar", 120), ("source", 200)):
        text = row.get(getattr(layout, column))
        if text:
            values[column] = cells.words(text, most, column)
    if any(row.get(column) for column in PLACE):
        values |= {column: _degrees(row, column, most) for column, most in PLACE.items()}
    return values


def _degrees(row: Row, column: str, most: int) -> Decimal:
    """A latitude or a longitude in degrees, to ten metres; a place has both or none."""
    try:
        degrees = Decimal(row.get(column) or "").quantize(TEN_METRES)
        is_known = -most <= degrees <= most
    except InvalidOperation:
        is_known = False
    if not is_known:
        raise CellError(
            "NOT_DEGREES",
            _("%(column)s : « %(text)s » n’est pas un nombre de degrés")
            % {"column": column, "text": row.get(column) or ""},
        )
    return degrees


def _minted(kind: str, parent_id: Any, name: str) -> str:
    """The code of a place whose list gives none, drawn from its name and its parent."""
    text = f"{kind}|{parent_id}|{place_name(name)}"
    return f"{kind[0]}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def stored_territory(day: date) -> dict[str, Version]:
    """Every place by its code; the territory has no versions."""
    rows = Territory.objects.values_list("id", *COLUMNS)
    return {
        values[0]: Version(identifier, values[0], None, dict(zip(COLUMNS, values, strict=True)))
        for identifier, *values in rows.iterator()
    }


def write_territory(difference: Difference, edition: Edition) -> None:
    """Insert the places never seen and correct the others."""
    columns = ["id", *COLUMNS, "source"]

    def row(identifier: Any, values: Values) -> list[Any]:
        full = {"name_ar": "", **dict.fromkeys(PLACE), **values}
        source = full.get("source") or edition.source
        return [identifier, *(full[name] for name in COLUMNS), source]

    insert_rows(Territory, columns, (row(new_key(), entry.values) for entry in difference.new))
    changed = (row(change.version.id, change.values) for change in difference.changed)
    update_rows(Territory, columns, changed)


def territory(parents: Path | None = None) -> PublishedList:
    """The list of places; `parents` is the file that names the parent ids of the one to import."""
    return PublishedList(
        name="territory",
        subject=Territory,
        dated=None,
        read=partial(read_territory, parents),
        stored=stored_territory,
        write=write_territory,
        ignored=frozenset({"source"}),
    )
