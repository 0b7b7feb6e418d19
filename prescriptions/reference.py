"""The published list of medicines: the official layout and the CNSS extract's, and their tables."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from psycopg.types.range import Range  # noqa: F401

from core.imports import cells
from core.imports.cells import CellError
from core.imports.files import Row, Table
from core.imports.loading import Edition, PublishedList, Reading, read_rows, settle_duplicates
from core.imports.report import ImportReport, Notice
from core.imports.versions import Change, Difference, Entry, Values, Version
