"""Excel files: exact amounts, real dates, no formula ever, memory that does not grow."""

import tracemalloc
from datetime import UTC, date, datetime
from io import BytesIO
from tempfile import TemporaryFile
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from core import workbook
from core.workbook import Column, Kind, Workbook

CREATED = datetime(2026, 11, 22, tzinfo=UTC)
COLUMNS = [
    Column("texte"),
    Column("montant", Kind.MONEY),
    Column("taux", Kind.RATE),
    Column("nombre", Kind.COUNT),
    Column("jour", Kind.DAY),
]


def written(rows, title="Lignes") -> bytes:
    target = BytesIO()
    with Workbook(target, title="essai", created=CREATED) as book:
        table = book.table(title, COLUMNS)
        for row in rows:
            table.append(row)
    return target.getvalue()


def test_cells_are_typed_and_exact() -> None:
    content = written(
        [("Amina", 123_456_789, 7750, 3, date(2026, 11, 20)), ["", None] + [None] * 3]
    )

    frame = pd.read_excel(BytesIO(content), keep_default_na=False)

    assert list(frame.columns) == ["texte", "montant", "taux", "nombre", "jour"]
    assert list(frame.iloc[0]) == ["Amina", 1234567.89, 0.775, 3, pd.Timestamp(2026, 11, 20)]
    with ZipFile(BytesIO(content)) as file:
        assert "<v>1234567.89</v>" in file.read("xl/worksheets/sheet1.xml").decode()


@settings(max_examples=25, deadline=None)
@given(centimes=st.integers(-(10**13), 10**13))
def test_an_amount_comes_back_to_the_centime(centimes: int) -> None:
    frame = pd.read_excel(BytesIO(written([("", centimes, 0, 0, None)])))

    assert round(float(frame["montant"][0]) * 100) == centimes


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(1)", "\t=1", "{=1}"])
def test_text_is_never_a_formula(text: str) -> None:
    book = openpyxl.load_workbook(BytesIO(written([(text, 1, 1, 1, None)])))
    cell = book.active["A2"]

    assert (cell.value, cell.data_type) == (text, "s")


def test_the_same_content_gives_the_same_bytes() -> None:
    row = ("Amina", 1, 1, 1, date(2026, 1, 1))

    assert written([row]) == written([row])
    assert written([row]) != written([row, row])


def test_sheets_read_from_the_right_in_arabic() -> None:
    with translation.override("ar"):
        right = openpyxl.load_workbook(BytesIO(written([])))
    left = openpyxl.load_workbook(BytesIO(written([])))

    assert right.active.sheet_view.rightToLeft is True
    assert left.active.sheet_view.rightToLeft is None


def test_a_table_goes_over_to_another_sheet_when_one_is_full(monkeypatch) -> None:
    monkeypatch.setattr(workbook, "LAST_ROW", 3)
    content = written([(str(n), n, 0, 0, None) for n in range(5)], title="L" * 31)

    frames = pd.read_excel(BytesIO(content), sheet_name=None)

    assert list(frames) == ["L" * 31, "L" * 29 + " 2", "L" * 29 + " 3"]
    assert [len(frame) for frame in frames.values()] == [2, 2, 1]


def test_a_row_that_is_not_of_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        written([("seul",)])


def test_memory_does_not_grow_with_the_rows() -> None:
    def peak(rows: int) -> int:
        with TemporaryFile() as target:
            tracemalloc.start()
            with Workbook(target, title="essai", created=CREATED) as book:
                table = book.table("Lignes", COLUMNS)
                for number in range(rows):
                    table.append((f"ligne {number}", number, 7000, 1, date(2026, 1, 1)))
            _now, highest = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return highest

    peak(10)
    assert peak(6_000) < peak(1_000) + 500_000
