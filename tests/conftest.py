"""What every test shares: one Chromium, and append-only triggers that step aside when a test ends."""

import os
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from playwright.sync_api import Browser, sync_playwright

from bootstrap import chromium

# Playwright's synchronous API keeps an event loop in this thread; the ORM calls here are not inside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what starts and kills processes in one process of the suite, one after the other, first."""
    for item in items:
        if item.get_closest_marker("machinery"):
            item.add_marker(pytest.mark.xdist_group("machinery"))
    items.sort(key=lambda item: item.get_closest_marker("machinery") is None)


@pytest.fixture(autouse=True)
def in_french() -> Iterator[None]:
    """Start every test in the source language: a page read in Arabic leaves it active in the thread."""
    translation.activate(settings.LANGUAGE_CODE)
    yield
    translation.activate(settings.LANGUAGE_CODE)


# What migrations wrote, and tests only read.
KEPT = {"django_migrations", "django_content_type", "auth_permission", "claims_lawversion"}


@pytest.fixture(autouse=True, scope="session")
def emptying_after_each_test() -> Iterator[None]:
    """Empty the tables that `transaction=True` tests filled, in place of Django's flush.

    Flush truncates every table, a hundred monthly partitions included, and append-only tables refuse
    it. Here the few tables with rows are emptied, with triggers and foreign keys set aside for that
    gesture only.
    """
    original = TransactionTestCase._fixture_teardown

    def teardown(self: TransactionTestCase) -> None:
        tables = [
            each for each in connection.introspection.django_table_names() if each not in KEPT
        ]
        asked = " UNION ALL ".join(
            f"(SELECT '{table}' FROM \"{table}\" LIMIT 1)" for table in [*tables, "core_cache"]
        )
        with connection.cursor() as cursor:
            cursor.execute(asked)
            filled = [table for (table,) in cursor.fetchall()]
            cursor.execute("SET session_replication_role = replica")
            try:
                for table in filled:
                    cursor.execute(f'DELETE FROM "{table}"')
            finally:
                cursor.execute("SET session_replication_role = origin")

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = original


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as the system has it, or Playwright's own."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium.executable(), args=[*chromium.ARGUMENTS, "--no-first-run"]
        )
        yield launched
        launched.close()
