"""From a folder of files to the tables the fraud rules read; broken rows are told and left out.

A line of text is a row: a cell with a line break, an open quote or bytes that are not UTF-8 break their own
line and no other. Nothing of a file is executed: cells travel as parameters, only ever as text.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.population.columns import HISTORY, LABELS, Column, File
from core.imports.report import EmptyFile, FileNotReadable, ImportRefused, MissingColumns
from core.money import BASIS_POINTS

MOST_BROKEN = 100  # basis points of the rows of a folder: beyond, its figures would mean nothing
CHUNK = 100_000  # lines held as text at once
SHOWN = 5  # broken rows quoted in a refusal


@dataclass(frozen=True, slots=True)
class Broken:
    """One row left out: its file, its line as an editor numbers it, and why."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, {self.line} : {self.reason}"


@dataclass(slots=True)
class Reading:
    """The account of a folder: rows kept of each table, rows left out."""

    rows: dict[str, int] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)

    @property
    def lines(self) -> int:
        """Every row met, kept or not."""
        return sum(self.rows.values()) + len(self.broken)


class TooManyBroken(ImportRefused):
    """More than one row in a hundred cannot be read."""

    code = "POPULATION_TOO_BROKEN"
    message = gettext_lazy(
        "%(broken)d ligne(s) illisible(s) sur %(lines)d, plus d’une sur cent : rien n’a été jugé. "
        "Corrigez d’abord : %(first)s"
    )

    def __init__(self, reading: Reading) -> None:
        first = " ; ".join(str(each) for each in reading.broken[:SHOWN])
        super().__init__(broken=len(reading.broken), lines=reading.lines, first=first)
        self.reading = reading


def read_population(
    folder: Path, db: duckdb.DuckDBPyConnection, *, tell: Callable[[str], None] = lambda _line: None
) -> Reading:
    """Fill the tables of `fraud.gateways.tables` (there and empty in `db`) with the files of `folder`.

    Raises FileNotReadable, EmptyFile or MissingColumns for a file that is no population file, and
    TooManyBroken beyond one broken row in a hundred; `db` is then the caller's to throw away.
    """
    reading = Reading()
    for file in HISTORY:
        if _present(folder, file):
            _read_file(folder, file, db, reading)
        tell(f"{file.name}: {reading.rows.get(file.table, 0)}")
    _stop_if_too_broken(reading)
    return reading


def read_labels(folder: Path) -> tuple[pd.DataFrame, list[Broken]] | None:
    """The labels of a folder as text, empty where not applicable; None where it has none.

    Labels are for the evaluation alone: they never enter the tables the rules read.
    """
    if not _present(folder, LABELS):
        return None
    reading = Reading()
    with duckdb.connect() as db:
        names = [column.name for column in LABELS.columns]
        db.execute(f"create table labels ({', '.join(f'{name} text' for name in names)})")
        _read_file(folder, LABELS, db, reading)
        _stop_if_too_broken(reading)
        found = db.execute("select * from labels").fetchall()
    rows = [["" if cell is None else cell for cell in row] for row in found]
    return pd.DataFrame(rows, columns=names, dtype=object), reading.broken


def _present(folder: Path, file: File) -> bool:
    return not file.optional or (folder / file.name).exists()


def _stop_if_too_broken(reading: Reading) -> None:
    if len(reading.broken) * BASIS_POINTS > reading.lines * MOST_BROKEN:
        raise TooManyBroken(reading)


def _read_file(folder: Path, file: File, db: duckdb.DuckDBPyConnection, reading: Reading) -> None:
    path = folder / file.name
    db.execute(
        f"create or replace temp table kept as select 0::bigint as _at, * from {file.table} limit 0"
    )
    try:
        with path.open("rb") as stream:
            lines = _lines(stream)
            header = _header(file, next(lines, (1, b""))[1])
            while chunk := list(islice(lines, CHUNK)):
                _read_chunk(file, header, chunk, db, reading)
    except OSError as error:
        raise FileNotReadable(file=file.name, reason=error.strerror or str(error)) from None
    reading.rows[file.table] = _keep(file, db, reading)


def _lines(stream: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """Every line that is not blank, with its number."""
    for number, line in enumerate(stream, start=1):
        if text := line.rstrip(b"\r\n"):
            yield number, text


def _header(file: File, line: bytes) -> list[str]:
    if not line:
        raise EmptyFile(file=file.name)
    cells = _cells(line.removeprefix(b"\xef\xbb\xbf"))
    header = [cell.strip() for cell in cells] if isinstance(cells, list) else []
    missing = [column.name for column in file.columns if column.name not in header]
    if missing:
        raise MissingColumns(file=file.name, columns=", ".join(missing))
    return header


def _cells(line: bytes) -> list[str] | str:
    """The cells of one line, or why it has none."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return _("octets qui ne sont pas de l’UTF-8")
    if "\x00" in text:
        return _("octet nul")
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error:
        return _("guillemet qui ne se ferme pas sur sa ligne")


def _read_chunk(
    file: File,
    header: list[str],
    chunk: list[tuple[int, bytes]],
    db: duckdb.DuckDBPyConnection,
    reading: Reading,
) -> None:
    """Cut lines into cells, then let the database judge and convert each column."""
    numbers, rows = [], []
    for number, line in chunk:
        cells = _cells(line)
        if isinstance(cells, list) and len(cells) == len(header):
            numbers.append(number)
            rows.append(cells)
            continue
        reason = (
            cells
            if isinstance(cells, str)
            else _("%(found)d cellules au lieu de %(due)d")
            % {
                "found": len(cells),
                "due": len(header),
            }
        )
        reading.broken.append(Broken(file.name, number, reason))
    table = np.array(rows, dtype=object).reshape(len(rows), len(header))
    frame = pd.DataFrame({name: table[:, at] for at, name in enumerate(header)}, dtype=object)
    frame["_at"] = numbers
    db.register("chunk", frame)
    trimmed = ", ".join(f"nullif(trim({c.name}), '') as {c.name}" for c in file.columns)
    db.execute(
        f"create or replace temp table judged as select *, case {_faults(file)} end as _fault"
        f" from (select _at, {trimmed} from chunk)"
    )
    db.unregister("chunk")
    values = ", ".join(f"{c.cell.kept.format(c=c.name)} as {c.name}" for c in file.columns)
    db.execute(f"insert into kept by name select _at, {values} from judged where _fault is null")
    _tell_faults(file, db, reading)


def _faults(file: File) -> str:
    """The branches of an SQL CASE that gives the position of the first column at fault."""
    return " ".join(f"when not ({_condition(c)}) then {at}" for at, c in enumerate(file.columns))


def _condition(column: Column) -> str:
    condition = column.cell.valid.format(c=column.name)
    if column.choices:
        allowed = ", ".join(f"'{choice}'" for choice in column.choices)
        condition = f"{column.name} in ({allowed})"
    if column.required:
        return f"{column.name} is not null and {condition}"
    return f"{column.name} is null or ({condition})"


def _tell_faults(file: File, db: duckdb.DuckDBPyConnection, reading: Reading) -> None:
    for at, column in enumerate(file.columns):
        found = db.execute(
            f"select _at, {column.name} from judged where _fault = ?", [at]
        ).fetchall()
        reading.broken += [Broken(file.name, line, _reason(column, text)) for line, text in found]


def _reason(column: Column, text: str | None) -> str:
    if text is None:
        return _("%(column)s : vide") % {"column": column.name}
    due: str | Promise = column.cell.sentence
    if column.choices:
        due = _("parmi %(choices)s attendu") % {"choices": ", ".join(column.choices)}
    return _("%(column)s : « %(text)s », %(due)s") % {
        "column": column.name,
        "text": text[:60],
        "due": due,
    }


def _keep(file: File, db: duckdb.DuckDBPyConnection, reading: Reading) -> int:
    """Move what was read into its table, but a line whose parent is not there and a key met again."""
    orphan = "when false then ''"
    if file.parent:
        table, key = file.parent
        orphan = (
            f"when not exists (select 1 from {table} p where p.{key} = kept.{key}) then 'ORPHAN'"
        )
    again = "when false then ''"
    if file.key:
        again = f"when row_number() over (partition by {', '.join(file.key)} order by _at) > 1 then 'AGAIN'"
    db.execute(
        f"create or replace temp table judged as select *, case {orphan} {again} end as _fault from kept"
    )
    sentences = {
        "ORPHAN": _("%(key)s : inconnu, ou ligne écartée") % {"key": (file.parent or ("", ""))[1]},
        "AGAIN": _("%(key)s : déjà lu") % {"key": ", ".join(file.key)},
    }
    found = db.execute("select _at, _fault from judged where _fault is not null order by _at")
    reading.broken += [Broken(file.name, line, sentences[why]) for line, why in found.fetchall()]
    names = ", ".join(column.name for column in file.columns)
    db.execute(
        f"insert into {file.table} ({names}) select {names} from judged where _fault is null order by _at"
    )
    return int(db.execute("select count(*) from judged where _fault is null").fetchall()[0][0])
