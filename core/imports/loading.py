"""The one way a list is loaded: read, refuse, compare, write, record, in one transaction."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import models, transaction
from psycopg.types.range import Range

from core.audit import Actor
from core.imports.cells import CellError
from core.imports.files import Row, Table, read_table
from core.imports.report import (
    ImportReport,
    LinesRefused,
    ListWouldShrink,
    Notice,
    PastWouldChange,
)
from core.imports.versions import Change, Difference, Entry, Extent, Values, Version, compare
from core.imports.writing import (
    end_versions,
    insert_rows,
    latest_boundary,
    record_import,
    take_list,
    update_rows,
)
from core.record_keys import new_key

# Share of a list that may end in one import before a person must say that it is meant.
MOST_ENDED_PERCENT = 20

Told = Callable[[str], None]


def tell_nobody(step: str) -> None:
    """Progress for callers who show none."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One publication of a list: from when it holds, where it comes from, who loads it and when."""

    valid_from: date
    source: str
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class Options:
    """How an import goes about what it finds."""

    extent: Extent = Extent.COMPLETE
    allow_shrink: bool = False
    skip_refused: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a room understood of a file: its entries, and which stored keys that list publishes."""

    entries: list[Entry]
    spoken_for: Callable[[str], bool] = lambda key: True
    is_supplement: bool = False


@dataclass(frozen=True, slots=True)
class PublishedList:
    """What a room says of its list: how to read a file of it, what is stored, how to write it.

    `dated` is the model that carries the periods, or None when the list keeps no versions.
    """

    name: str
    subject: type[models.Model]
    dated: type[models.Model] | None
    read: Callable[[Table, ImportReport, Edition], Reading]
    stored: Callable[[date], Mapping[str, Version]]
    write: Callable[[Difference, Edition], None]
    ignored: frozenset[str] = frozenset()


def load_list(
    published: PublishedList,
    path: Path,
    edition: Edition,
    options: Options = Options(),
    tell: Told = tell_nobody,
) -> ImportReport:
    """Load a file of a published list; returns the account of it.

    A second run with the same file changes nothing. Raises an `ImportRefused` (nothing written)
    when the file cannot be read, when lines are refused and `skip_refused` was not said, when the
    list already has a version after `valid_from`, or when too much of it would end.
    """
    tell("read")
    table = read_table(path)
    report = ImportReport(lines=len(table.rows))
    tell("check")
    reading = published.read(table, report, edition)
    if report.refused and not options.skip_refused:
        raise LinesRefused(report=report)
    with transaction.atomic():
        take_list(published.name)
        _refuse_an_earlier_edition(published, edition)
        tell("compare")
        difference = _difference(published, reading, report, edition, options)
        tell("write")
        published.write(difference, edition)
        report.written = not options.dry_run
        if report.written and (report.new or report.changed or report.ended):
            _record(published, edition, table, report)
        if options.dry_run:
            transaction.set_rollback(True)
    return report


def _difference(
    published: PublishedList,
    reading: Reading,
    report: ImportReport,
    edition: Edition,
    options: Options,
) -> Difference:
    stored = published.stored(edition.valid_from)
    extent = options.extent
    if reading.is_supplement and extent is Extent.COMPLETE:
        extent = Extent.PARTIAL
    difference = compare(
        stored,
        reading.entries,
        extent=extent,
        ignored=published.ignored,
        spoken_for=reading.spoken_for,
        spared=frozenset(notice.key for notice in report.refused),
    )
    report.new, report.changed = len(difference.new), len(difference.changed)
    report.ended, report.unchanged = len(difference.ended), difference.unchanged
    report.kept = difference.kept
    total = sum(map(reading.spoken_for, stored))
    if report.ended * 100 > total * MOST_ENDED_PERCENT and not options.allow_shrink:
        raise ListWouldShrink(report=report, total=total, percent=MOST_ENDED_PERCENT)
    return difference


def _refuse_an_earlier_edition(published: PublishedList, edition: Edition) -> None:
    latest = latest_boundary(published.dated) if published.dated else None
    if latest is not None and latest > edition.valid_from:
        raise PastWouldChange(latest=latest.isoformat(), valid_from=edition.valid_from.isoformat())


def _record(published: PublishedList, edition: Edition, table: Table, report: ImportReport) -> None:
    record_import(
        by=edition.by,
        at=edition.at,
        model=published.subject,
        list_name=published.name,
        after={
            "file": table.file,
            "valid_from": edition.valid_from.isoformat(),
            "source": edition.source,
            **report.counts,
        },
    )


def read_rows(
    table: Table, report: ImportReport, key: Callable[[Row], str], parse: Callable[[Row], Values]
) -> list[Entry]:
    """Parse every row; a row with a cell that cannot be taken is refused with its line and reason."""
    entries = []
    for row in table.rows:
        try:
            entries.append(Entry(row.line, key(row), parse(row)))
        except CellError as error:
            report.refused.append(Notice(row.line, key(row), error.code, error.text))
    return entries


def settle_duplicates(
    entries: Iterable[Entry], report: ImportReport, same: str, other: str
) -> list[Entry]:
    """Keep one of identical lines (a warning); refuse every line of a code given two contents."""
    first: dict[str, Entry] = {}
    contested: set[str] = set()
    repeated: list[Entry] = []
    for entry in entries:
        known = first.setdefault(entry.key, entry)
        if known is not entry:
            repeated.append(entry)
            if known.values != entry.values:
                contested.add(entry.key)
    for entry in repeated:
        line = first[entry.key].line
        notice = (report.refused, "DUPLICATE_CODE", other)
        if entry.key not in contested:
            notice = (report.warnings, "DUPLICATE_LINE", same)
        notices, code, text = notice
        notices.append(Notice(entry.line, entry.key, code, text % {"line": line}))
    return [entry for entry in first.values() if entry.key not in contested]


def stored_versions(
    model: Any, key_column: str, columns: Iterable[str], day: date
) -> dict[str, Version]:
    """The versions of a one-table list in force on `day`, by key."""
    names = list(columns)
    rows = model.objects.filter(period__contains=day).values_list(
        "id", key_column, "period", *names
    )
    return {
        key: Version(identifier, key, period.lower, dict(zip(names, values, strict=True)))
        for identifier, key, period, *values in rows.iterator()
    }


def write_versions(
    model: type[models.Model],
    difference: Difference,
    edition: Edition,
    complete: Callable[[str, Values], Values],
) -> None:
    """Open, correct and close versions of a table with `id`, `period` and `source`.

    A changed version that starts on the edition's own day is corrected in place; an older one is
    closed and a new one opened. `complete` gives every column but those three; an entry may name
    its own source.
    """
    opened: list[tuple[str, Values]] = [(entry.key, entry.values) for entry in difference.new]
    corrected: list[Change] = []
    closed = [version.id for version in difference.ended]
    for change in difference.changed:
        if change.version.start == edition.valid_from:
            corrected.append(change)
        else:
            closed.append(change.version.id)
            opened.append((change.entry.key, change.values))
    end_versions(model, closed, edition.valid_from)
    columns = [
        field.column
        for field in model._meta.concrete_fields
        if field.column not in ("id", "period", "source")
    ]
    period = Range(edition.valid_from, None, "[)")

    def row(identifier: Any, key: str, values: Values) -> list[Any]:
        full = complete(key, values)
        source = values.get("source") or edition.source
        return [identifier, *(full[column] for column in columns), source]

    update_rows(
        model,
        ["id", *columns, "source"],
        (row(change.version.id, change.entry.key, change.values) for change in corrected),
    )
    insert_rows(
        model,
        ["id", *columns, "source", "period"],
        ([*row(new_key(), key, values), period] for key, values in opened),
    )
