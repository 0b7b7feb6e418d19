"""Files are read as text whatever their form, and a file that is no list is named so."""

from pathlib import Path

import pandas as pd
import pytest

from core.imports.files import read_table
from core.imports.report import (
    BrokenFile,
    EmptyFile,
    FileNotReadable,
    ImportRefused,
    MissingColumns,
    WrongEncoding,
)

HEADER = "code,nom\n"
BROKEN = "Le fichier list.csv n’est pas un tableau bien formé : "


def _file(folder: Path, content: bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_codes_keep_their_zeros_with_or_without_mark(tmp_path: Path, mark: bytes) -> None:
    table = read_table(_file(tmp_path, mark + b'code,nom\n0012,"NA"\n'))
    assert table.columns == ("code", "nom")
    assert [row.cells for row in table.rows] == [{"code": "0012", "nom": "NA"}]


def test_semicolons_of_a_french_spreadsheet(tmp_path: Path) -> None:
    table = read_table(_file(tmp_path, b"code;prix\n1;25,10\n"))
    assert table.rows[0].cells == {"code": "1", "prix": "25,10"}


def test_lines_are_numbered_as_an_editor_shows_them(tmp_path: Path) -> None:
    content = 'code,nom\n1,"deux\nlignes"\n\n2,b\n'
    table = read_table(_file(tmp_path, content.encode()))
    assert [(row.line, row["nom"]) for row in table.rows] == [(2, "deux lignes"), (5, "b")]


def test_excel_gives_the_same_rows_whatever_its_name(tmp_path: Path) -> None:
    frame = pd.DataFrame({"code": ["6118000010050"], "prix": ["25.10"]})
    path = tmp_path / "list.xlsx"
    frame.to_excel(path, index=False)
    disguised = _file(tmp_path, path.read_bytes(), "list.csv")
    for each in (path, disguised):
        assert read_table(each).rows[0].cells == {"code": "6118000010050", "prix": "25.10"}


@pytest.mark.parametrize(
    ("content", "refusal", "sentence"),
    [
        (b"", EmptyFile, "Le fichier list.csv ne contient aucune ligne."),
        (b"\n \n", EmptyFile, "Le fichier list.csv ne contient aucune ligne."),
        (HEADER.encode(), EmptyFile, "Le fichier list.csv ne contient aucune ligne."),
        (
            "code,nom\n1,été\n".encode("latin-1"),
            WrongEncoding,
            "Le fichier list.csv n’est pas en UTF-8 (octet 11) : enregistrez-le en « CSV UTF-8 ».",
        ),
        (
            b"code,nom\n1,a\x00b\n",
            BrokenFile,
            BROKEN + "il contient des octets nuls.",
        ),
        (
            b"\xd0\xcf\x11\xe0rest",
            BrokenFile,
            BROKEN + "ancien format Excel (.xls), à enregistrer en .xlsx.",
        ),
        (
            b"code,nom\n1,a\n2,b,c,d\n",
            BrokenFile,
            BROKEN + "ligne 3 : 4 cellules au lieu de 2.",
        ),
        (
            b"code,nom\n1,a\n2\n",
            BrokenFile,
            BROKEN + "ligne 3 : 1 cellules au lieu de 2.",
        ),
    ],
)
def test_what_is_no_list(
    tmp_path: Path, content: bytes, refusal: type[ImportRefused], sentence: str
) -> None:
    with pytest.raises(refusal) as found:
        read_table(_file(tmp_path, content))
    assert found.value.text("fr") == sentence


def test_a_truncated_excel_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile):
        read_table(_file(tmp_path, b"PK\x03\x04 and nothing of a workbook", "list.xlsx"))


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotReadable) as found:
        read_table(tmp_path / "none.csv")
    assert found.value.code == "FILE_NOT_READABLE"


def test_missing_columns_are_named(tmp_path: Path) -> None:
    table = read_table(_file(tmp_path, b"code,nom\n1,a\n"))
    with pytest.raises(MissingColumns) as found:
        table.require(["code", "PPV", "PH"])
    assert found.value.text("fr") == "Colonnes absentes de list.csv : PPV, PH."
