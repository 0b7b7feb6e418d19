"""The published list of medicines: the official layout and the CNSS extract's, and their tables."""

from collections.abc import Iterable
from datetime import date
from typing import Any

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
    write_versions,
)
from core.imports.report import ImportReport, Notice
from core.imports.versions import Change, Difference, Entry, Values, Version
from core.imports.writing import insert_rows, update_rows
from core.numbers import ean_check_digit_is_right
from core.record_keys import new_key
from core.search import searchable
from prescriptions.models import Medicine, MedicinePrice

# CNOPS layout (data.gov.ma, 2014) and the current CNSS list's: file column by our column.
OFFICIAL_COLUMNS = {
    "ean": "CODE",
    "name": "NOM",
    "inn": "DCI1",
    "strength": "DOSAGE1",
    "strength_unit": "UNITE_DOSAGE1",
    "form": "FORME",
    "presentation": "PRESENTATION",
    "public": "PPV",
    "hospital": "PH",
    "base": "PRIX_BR",
    "kind": "PRINCEPS_GENERIQUE",
    "rate": "TAUX_REMBOURSEMENT",
}
CNSS_COLUMNS = {
    "ean": "code",
    "name": "nom",
    "inn": "dci",
    "strength": "dosage",
    "strength_unit": "unite_dosage",
    "form": "forme",
    "presentation": "presentation",
    "public": "ppv",
    "hospital": "ph",
    "base": "ppv_br",
    "rate": "taux_remboursement_cnss",
}
TEXTS = ("name", "inn", "strength", "strength_unit", "form", "presentation")
IDENTITY = ("ean_check_is_right", *TEXTS, "kind", "search_text")
PRICES = (
    "public_price_centimes",
    "hospital_price_centimes",
    "base_price_centimes",
    "list_rate_bp",
)
# No box of the published lists reaches a twentieth of this: above it, the cell is a typing error.
PLAUSIBLE_CENTIMES = 100_000_000
EAN_DIGITS = 13
NO_UNIT = "NA"
SUBSTANCES = ("inn", "strength", "strength_unit")


def read_medicines(table: Table, report: ImportReport, edition: Edition) -> Reading:
    """Entries of a medicine list in either layout; warnings and refusals go to the report."""
    is_cnss = table.has(list(CNSS_COLUMNS.values()))
    columns = CNSS_COLUMNS if is_cnss else OFFICIAL_COLUMNS
    table.require(list(columns.values()))

    def parse(row: Row) -> Values:
        return _parse(row, columns)

    entries = read_rows(table, report, lambda row: row[columns["ean"]], parse)
    if is_cnss:
        entries = _merge_substances(entries)
    entries = settle_duplicates(
        entries,
        report,
        same=_("ce médicament est déjà, mot pour mot, à la ligne %(line)d"),
        other=_("ce code est aussi à la ligne %(line)d avec un autre contenu"),
    )
    for entry in entries:
        entry.values["search_text"] = _search_text(entry.key, entry.values)
        report.warnings.extend(_warnings(entry))
    return Reading(entries)


def _parse(row: Row, columns: dict[str, str]) -> Values:
    ean = row[columns["ean"]]
    if not (ean.isascii() and ean.isdigit() and len(ean) == EAN_DIGITS):
        raise CellError("EAN_FORMAT", _("« %(text)s » n’a pas 13 chiffres") % {"text": ean})
    values: Values = {"ean_check_is_right": ean_check_digit_is_right(ean)}
    for name in TEXTS:
        most = Medicine._meta.get_field(name).max_length
        values[name] = cells.words(row[columns[name]], most, columns[name])
    if not values["name"]:
        raise CellError("NAME_MISSING", _("le médicament n’a pas de nom"))
    if values["strength_unit"] == NO_UNIT:
        values["strength_unit"] = ""
    if "kind" in columns:
        kinds = [str(kind) for kind in Medicine.Kind.values]
        values["kind"] = cells.one_of(row[columns["kind"]], kinds, columns["kind"])

    def price(name: str) -> int:
        return cells.centimes(row[columns[name]], PLAUSIBLE_CENTIMES, columns[name])

    values["public_price_centimes"] = price("public") or None
    values["hospital_price_centimes"] = price("hospital") or None
    values["base_price_centimes"] = price("base")
    values["list_rate_bp"] = cells.basis_points(row[columns["rate"]], columns["rate"])
    if source := row.get("source"):
        values["source"] = source
    return values


def _merge_substances(entries: Iterable[Entry]) -> list[Entry]:
    """Join the lines of a combination, one a substance in the CNSS list, as the official list writes it."""
    merged: dict[str, list[Entry]] = {}
    for entry in entries:
        merged.setdefault(entry.key, []).append(entry)
    result: list[Entry] = []
    for lines in merged.values():
        rest = [{**line.values, **dict.fromkeys(SUBSTANCES, "")} for line in lines]
        substances = {line.values["inn"] for line in lines}
        if len(substances) < len(lines) or any(values != rest[0] for values in rest):
            result.extend(lines)
            continue
        joined = {
            name: " / ".join(line.values[name] for line in lines).strip(" /") for name in SUBSTANCES
        }
        result.append(Entry(lines[0].line, lines[0].key, {**lines[0].values, **joined}))
    return result


def _search_text(ean: str, values: Values) -> str:
    parts = (values["name"], values["inn"], ean, values["strength"], values["strength_unit"])
    most = Medicine._meta.get_field("search_text").max_length
    return searchable(*parts, values["form"])[:most]


def _warnings(entry: Entry) -> Iterable[Notice]:
    values = entry.values
    public, base = values["public_price_centimes"], values["base_price_centimes"]
    found = {
        "EAN_CHECK_DIGIT": (
            not values["ean_check_is_right"],
            _("la clé du code EAN est fausse : gardé tel quel"),
        ),
        "NO_PUBLIC_PRICE": (
            public is None,
            _("pas de prix public : réservé à l’hôpital"),
        ),
        "NO_BASE_PRICE": (
            base == 0 and values["list_rate_bp"] > 0,
            _("remboursable sans prix base de remboursement : rien ne sera remboursé"),
        ),
        "BASE_ABOVE_PUBLIC_PRICE": (
            public is not None and base > public,
            _("le prix base de remboursement dépasse le prix public"),
        ),
    }
    for code, (is_found, text) in found.items():
        if is_found:
            yield Notice(entry.line, entry.key, code, text)


def stored_medicines(day: date) -> dict[str, Version]:
    """Every medicine with a price on `day`, by EAN; the version's id is its price row's."""
    names = [f"medicine__{name}" for name in IDENTITY] + list(PRICES)
    rows = MedicinePrice.objects.filter(period__contains=day).values_list(
        "id", "medicine__ean", "period", *names
    )
    columns = (*IDENTITY, *PRICES)
    return {
        ean: Version(identifier, ean, period.lower, dict(zip(columns, values, strict=True)))
        for identifier, ean, period, *values in rows.iterator()
    }


def write_medicines(difference: Difference, edition: Edition) -> None:
    """Write names where they changed, then the price versions."""
    touched: list[tuple[str, Values]] = [(entry.key, entry.values) for entry in difference.new]
    touched += [
        (change.entry.key, change.values)
        for change in difference.changed
        if change.columns.intersection(IDENTITY)
    ]
    keys = _write_identities(touched)
    keys.update(_medicine_keys(change.entry.key for change in difference.changed))

    def complete(ean: str, values: Values) -> Values:
        return {"medicine_id": keys[ean], **{name: values[name] for name in PRICES}}

    write_versions(MedicinePrice, _prices_only(difference), edition, complete)


def _prices_only(difference: Difference) -> Difference:
    def has_other_price(change: Change) -> bool:
        return bool(change.columns.intersection(PRICES))

    return Difference(
        new=difference.new,
        changed=[change for change in difference.changed if has_other_price(change)],
        ended=difference.ended,
    )


def _write_identities(touched: list[tuple[str, Values]]) -> dict[str, Any]:
    """Insert the medicines never seen, update the others; returns the key of each by EAN."""
    keys = _medicine_keys(ean for ean, _values in touched)
    columns = ["id", "ean", *IDENTITY]

    def row(identifier: Any, ean: str, values: Values) -> list[Any]:
        known = {"kind": "", **values}
        return [identifier, ean, *(known[name] for name in IDENTITY)]

    update_rows(
        Medicine, columns, [row(keys[ean], ean, values) for ean, values in touched if ean in keys]
    )
    unseen = [row(new_key(), ean, values) for ean, values in touched if ean not in keys]
    insert_rows(Medicine, columns, unseen)
    keys.update((ean, identifier) for identifier, ean, *_rest in unseen)
    return keys


def _medicine_keys(eans: Iterable[str]) -> dict[str, Any]:
    found = Medicine.objects.filter(ean__in=list(eans)).values_list("ean", "id")
    return dict(found)


MEDICINES = PublishedList(
    name="medicines",
    subject=Medicine,
    dated=MedicinePrice,
    read=read_medicines,
    stored=stored_medicines,
    write=write_medicines,
    ignored=frozenset({"source"}),
)
