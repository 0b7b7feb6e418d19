"""Two imports of one list at the same moment: one waits for the other, nothing is written twice."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections, transaction

from core.imports.loading import load_list
from core.imports.report import ImportReport
from core.imports.writing import take_list
from prescriptions.models import Medicine, MedicinePrice
from prescriptions.reference import MEDICINES, OFFICIAL_COLUMNS

LINE = ["6118000080633", "GLUCOPHAGE", "METFORMINE", "850", "MG", "COMPRIME", "1 BOITE 30"]
PRICES = ["23.90", "14.90", "20.40", "P", "70%"]


@pytest.mark.django_db(transaction=True)
def test_the_second_import_waits_and_finds_nothing_to_do(write_csv: Callable, edition) -> None:
    path = write_csv(list(OFFICIAL_COLUMNS.values()), [*LINE, *PRICES])
    reports: list[ImportReport] = []
    at_the_lock = threading.Barrier(3)

    def import_once() -> None:
        try:
            at_the_lock.wait(timeout=20)
            reports.append(load_list(MEDICINES, path, edition("2014-01-01")))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=import_once) for _ in range(2)]
    with transaction.atomic():
        take_list("medicines")
        for thread in threads:
            thread.start()
        at_the_lock.wait(timeout=20)
        _wait_until_two_wait()
        assert not Medicine.objects.exists()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(report.new for report in reports) == [0, 1]
    assert (Medicine.objects.count(), MedicinePrice.objects.count()) == (1, 1)


def _wait_until_two_wait() -> None:
    """Return once both imports stand at the list's advisory lock."""
    waiting = (
        "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database "
        "WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
    )
    pause = threading.Event()
    with connection.cursor() as cursor:
        for _ in range(200):
            cursor.execute(waiting)
            if cursor.fetchone()[0] == 2:
                return
            pause.wait(0.05)
    raise AssertionError("the imports never waited for the list")
