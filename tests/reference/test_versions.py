"""The comparison of a list with what is stored: pure, so every case is a line."""

from datetime import date
from uuid import UUID

from core.imports.versions import Entry, Extent, Version, compare

START = date(2020, 1, 1)


def stored(**values: int) -> dict[str, Version]:
    return {
        key: Version(UUID(int=number), key, START, {"price": price, "letter": "K"})
        for number, (key, price) in enumerate(values.items())
    }


def read(**values: int) -> list[Entry]:
    return [Entry(2, key, {"price": price}) for key, price in values.items()]


def test_new_changed_ended_unchanged() -> None:
    found = compare(stored(a=1, b=2, c=3), read(a=1, b=5, d=4), extent=Extent.COMPLETE)
    assert [entry.key for entry in found.new] == ["d"]
    assert [(change.entry.key, change.columns) for change in found.changed] == [
        ("b", frozenset({"price"}))
    ]
    assert [version.key for version in found.ended] == ["c"]
    assert found.unchanged == 1


def test_a_column_the_file_does_not_speak_of_is_inherited() -> None:
    found = compare(stored(a=1), read(a=2), extent=Extent.COMPLETE)
    assert found.changed[0].values == {"price": 2, "letter": "K"}


def test_a_partial_file_ends_nothing() -> None:
    assert compare(stored(a=1, b=2), read(a=1), extent=Extent.PARTIAL).ended == []


def test_missing_only_keeps_what_is_stored() -> None:
    found = compare(stored(a=1), read(a=2, b=3), extent=Extent.MISSING_ONLY)
    assert (found.changed, found.kept, len(found.new)) == ([], 1, 1)


def test_refused_keys_and_other_lists_never_end() -> None:
    found = compare(
        stored(a=1, b=2, x=3),
        read(),
        extent=Extent.COMPLETE,
        spoken_for=lambda key: key != "x",
        spared=frozenset({"b"}),
    )
    assert [version.key for version in found.ended] == ["a"]


def test_an_ignored_column_makes_no_change() -> None:
    entry = Entry(2, "a", {"price": 1, "source": "elsewhere"})
    found = compare(stored(a=1), [entry], extent=Extent.COMPLETE, ignored=frozenset({"source"}))
    assert found.unchanged == 1
