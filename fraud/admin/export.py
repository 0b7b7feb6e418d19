"""A list as a file for spreadsheets: CSV with semicolons, whose cells are never formulas."""

import csv
from collections.abc import Iterable

from django.http import HttpResponse

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_file(name: str, titles: Iterable[object], rows: Iterable[Iterable[object]]) -> HttpResponse:
    """The file `name`.csv: one row of titles, then the rows."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    # Spreadsheets take a file for UTF-8 when it begins with this mark.
    response.write("\ufeff")
    writer = csv.writer(response, delimiter=";")
    writer.writerow([str(title) for title in titles])
    writer.writerows([safe_cell(str(cell)) for cell in row] for row in rows)
    return response


def safe_cell(value: str) -> str:
    """A cell that a spreadsheet will not take for a formula."""
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value
