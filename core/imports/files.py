"""Reading a published list, CSV or Excel, as text: codes keep their zeros, prices their decimals."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core.imports.report import (
    BrokenFile,
    EmptyFile,
    FileNotReadable,
    MissingColumns,
    WrongEncoding,
)

_ZIP_MAGIC = b"PK\x03\x04"
_OLD_EXCEL_MAGIC = b"\xd0\xcf\x11\xe0"
_SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: its number as an editor shows it, and its cells without outer spaces."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def get(self, column: str) -> str:
        """The cell, or the empty text when the file has no such column."""
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Table:
    """A file that was read: its name, its columns as written, its rows that are not empty."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def has(self, columns: Sequence[str]) -> bool:
        """Whether every one of these columns is there."""
        return set(columns) <= set(self.columns)

    def require(self, columns: Sequence[str]) -> None:
        """Raise MissingColumns naming those of `columns` that the file lacks."""
        missing = [column for column in columns if column not in self.columns]
        if missing:
            raise MissingColumns(file=self.file, columns=", ".join(missing))


def read_table(path: Path) -> Table:
    """Read a CSV (UTF-8, with or without mark; comma, semicolon or tab) or an xlsx file as text.

    Raises an `ImportRefused` for a file that is absent, empty, in another encoding, or no table.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileNotReadable(file=path.name, reason=error.strerror or str(error)) from None
    if not content.strip():
        raise EmptyFile(file=path.name)
    if content.startswith(_OLD_EXCEL_MAGIC):
        raise BrokenFile(
            file=path.name, reason="ancien format Excel (.xls), à enregistrer en .xlsx"
        )
    frame = _read_excel(path) if content.startswith(_ZIP_MAGIC) else _read_csv(path, content)
    columns = tuple(str(column).strip() for column in frame.columns)
    rows = tuple(_rows(frame, columns))
    if not rows:
        raise EmptyFile(file=path.name)
    return Table(file=path.name, columns=columns, rows=rows)


def _read_csv(path: Path, content: bytes) -> pd.DataFrame:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongEncoding(file=path.name, position=error.start) from None
    if "\x00" in text:
        raise BrokenFile(file=path.name, reason="il contient des octets nuls")
    header = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=header.count)
    _refuse_ragged_lines(path, text, separator)
    try:
        return pd.read_csv(
            path,
            sep=separator,
            dtype=str,
            na_filter=False,
            skip_blank_lines=False,
            index_col=False,
            encoding="utf-8-sig",
            on_bad_lines="error",
        )
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise BrokenFile(file=path.name, reason=str(error).strip()) from None


def _refuse_ragged_lines(path: Path, text: str, separator: str) -> None:
    """A line cut short or with a cell too many would shift or lose values: the file is refused."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        expected = len(next(reader))
        for cells in reader:
            if cells and len(cells) != expected:
                raise BrokenFile(
                    file=path.name,
                    reason=f"ligne {reader.line_num} : {len(cells)} cellules au lieu de {expected}",
                )
    except csv.Error as error:
        raise BrokenFile(file=path.name, reason=f"ligne {reader.line_num} : {error}") from None


def _read_excel(path: Path) -> pd.DataFrame:
    try:
        return pd.read_excel(path, dtype=str, na_filter=False, engine="openpyxl")
    except (ValueError, KeyError, zipfile.BadZipFile) as error:
        raise BrokenFile(file=path.name, reason=str(error)) from None


def _rows(frame: pd.DataFrame, columns: tuple[str, ...]) -> Iterator[Row]:
    """Rows that say something, numbered with the line breaks inside earlier cells counted."""
    line = 2
    for values in frame.itertuples(index=False, name=None):
        texts = ["" if value is None else str(value) for value in values]
        cells = dict(zip(columns, (" ".join(text.split()) for text in texts), strict=True))
        if any(cells.values()):
            yield Row(line=line, cells=cells)
        line += 1 + sum(text.count("\n") for text in texts)
