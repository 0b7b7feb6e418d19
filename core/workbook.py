"""Excel files with typed cells, written row by row: memory does not grow with the number of rows.

Amounts go in as whole centimes and come out as decimal numbers, days as dates, rates as percentages.
Text is always a text cell: what begins with ``=``, ``+``, ``-`` or ``@`` is never a formula.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import TracebackType
from typing import Any, BinaryIO, Self

from django.utils.translation import get_language_bidi

from core.money import RATE_DECIMALS

LAST_ROW = 1_048_576  # of a sheet, by the format
TITLE_LIMIT = 31  # letters of a sheet's name, by the format
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    MONEY = "money"  # whole centimes
    RATE = "rate"  # basis points
    COUNT = "count"
    DAY = "day"


FORMATS = {
    Kind.TEXT: {"valign": "top", "text_wrap": True},
    Kind.MONEY: {"valign": "top", "num_format": "#,##0.00"},
    Kind.RATE: {"valign": "top", "num_format": "0.00%"},
    Kind.COUNT: {"valign": "top", "num_format": "0"},
    Kind.DAY: {"valign": "top", "num_format": "dd/mm/yyyy"},
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, what it holds, its width in letters."""

    title: str
    kind: Kind = Kind.TEXT
    width: int = 14


class Table:
    """One table, on as many sheets as its rows need."""

    def __init__(self, workbook: "Workbook", title: str, columns: Sequence[Column]) -> None:
        self._workbook = workbook
        self._title = title
        self._columns = columns
        self._pages = 0
        self._turn()

    def append(self, values: Sequence[Any], *, strong: bool = False) -> None:
        """Write one row; None leaves its cell empty. `strong` is for totals.

        Raises ValueError when the row does not have the table's columns.
        """
        if self._row == LAST_ROW:
            self._turn()
        for index, (column, value) in enumerate(zip(self._columns, values, strict=True)):
            self._cell(index, column.kind, value, strong)
        self._row += 1

    def _cell(self, index: int, kind: Kind, value: Any, strong: bool) -> None:
        style = self._workbook.style(kind, strong=strong)
        place = (self._row, index)
        if value is None:
            self._sheet.write_blank(*place, None, style)
        elif kind is Kind.TEXT:
            self._sheet.write_string(*place, str(value), style)
        elif kind is Kind.DAY:
            self._sheet.write_datetime(*place, value, style)
        else:
            self._sheet.write_number(*place, number_of(kind, value), style)

    def _turn(self) -> None:
        """Go to a new sheet, heads included."""
        self._pages += 1
        suffix = f" {self._pages}" if self._pages > 1 else ""
        self._sheet = self._workbook.sheet(self._title[: TITLE_LIMIT - len(suffix)] + suffix)
        for index, column in enumerate(self._columns):
            self._sheet.set_column(index, index, column.width)
            self._sheet.write_string(0, index, column.title, self._workbook.head)
        self._sheet.freeze_panes(1, 0)
        self._row = 1


class Workbook:
    """An Excel file being written to `target`; close it (or leave its `with`) to finish it.

    Sheets read from the right when the active language does. `created` is written in the file, so
    that the same content gives the same bytes.
    """

    def __init__(self, target: BinaryIO, *, title: str, created: datetime) -> None:
        import pandas as pd  # heavy: only who writes a file pays for it

        self._writer = pd.ExcelWriter(
            target,
            engine="xlsxwriter",
            engine_kwargs={
                "options": {
                    "constant_memory": True,
                    "strings_to_formulas": False,
                    "strings_to_urls": False,
                    "strings_to_numbers": False,
                    "remove_timezone": True,
                }
            },
        )
        self._book: Any = self._writer.book
        self._book.set_properties({"title": title, "author": "Waraqa", "created": created})
        self._styles: dict[tuple[Kind, bool], Any] = {}
        self._right_to_left = get_language_bidi()
        self.head = self._book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#F4EFE4"}
        )

    def table(self, title: str, columns: Sequence[Column]) -> Table:
        """Begin a table on a sheet of its own."""
        return Table(self, title, columns)

    def sheet(self, title: str) -> Any:
        """Add an empty sheet."""
        sheet = self._book.add_worksheet(title)
        if self._right_to_left:
            sheet.right_to_left()
        return sheet

    def style(self, kind: Kind, *, strong: bool) -> Any:
        """The format of a cell; each exists once in the file."""
        if (kind, strong) not in self._styles:
            bold = {"bold": True, "top": 1} if strong else {}
            self._styles[kind, strong] = self._book.add_format({**FORMATS[kind], **bold})
        return self._styles[kind, strong]

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def number_of(kind: Kind, value: int) -> Decimal:
    """A whole number of centimes or basis points as the decimal number its cell shows: exact."""
    if kind is Kind.MONEY:
        return Decimal(value).scaleb(-2)
    if kind is Kind.RATE:
        return Decimal(value).scaleb(-RATE_DECIMALS)
    return Decimal(value)
