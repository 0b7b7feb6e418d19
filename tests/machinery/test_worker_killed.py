"""A real worker killed in mid-work, twice: every claim is screened once, posted once, none is lost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Count

from claims.models import Claim, Screening
from core import outbox
from core.models import OutboxMessage, Transition
from payments.models import LedgerEntry
from payments.selectors import ledger_sum
from tests import world

pytestmark = [pytest.mark.machinery, pytest.mark.django_db(transaction=True)]

CLAIMS = 120
# A killed worker's lease lasts 30 s; the whole must be over well within the minute promised after it.
PATIENCE_SECONDS = 90


@pytest.fixture
def start_worker() -> Iterator[Callable[[], subprocess.Popen]]:
    """Start real workers on the test database; whatever happens, none survives the test."""
    started: list[subprocess.Popen] = []

    def start() -> subprocess.Popen:
        worker = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "celery",
                "-A",
                "config.celery",
                "worker",
                "-c",
                "2",
                "-l",
                "WARNING",
            ],
            cwd=settings.BASE_DIR,
            env={
                **os.environ,
                "DATABASE_URL": database_url(),
                "DJANGO_SETTINGS_MODULE": "config.settings.test",
            },
            start_new_session=True,
        )
        started.append(worker)
        return worker

    yield start
    for worker in started:
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


def database_url() -> str:
    """The address of the database this test runs on."""
    at = {name: quote(str(value), safe="") for name, value in connection.settings_dict.items()}
    login = f"{at['USER']}:{at['PASSWORD']}" if at["PASSWORD"] else at["USER"]
    port = f":{at['PORT']}" if at["PORT"] else ""
    return f"postgres://{login}@{at['HOST']}{port}/{at['NAME']}"


def wait(what: str, ready: Callable[[], bool], *, ring: bool) -> None:
    """Look every few milliseconds, ring every half second: a kill must fall in mid-work."""
    end, bell = time.monotonic() + PATIENCE_SECONDS, 0.0
    while not ready():
        assert time.monotonic() < end, f"{what} did not happen"
        if ring and time.monotonic() > bell:
            outbox.ring()
            bell = time.monotonic() + 0.5
        time.sleep(0.005)


def done() -> bool:
    return not OutboxMessage.objects.filter(done_at__isnull=True).exists()


def test_every_claim_is_settled_once_whatever_dies(start_worker) -> None:
    world.act("C")
    doctor = world.practice()
    patients = [world.person() for _ in range(12)]
    claims = [
        world.submit(doctor, world.care_document(doctor, patients[index % 12], lines=[line(index)]))
        for index in range(CLAIMS)
    ]

    deaths_in_mid_work = 0
    for _death in range(2):
        victim = start_worker()
        wait(
            "work under way",
            lambda: OutboxMessage.objects.filter(leased_until__isnull=False).exists() or done(),
            ring=True,
        )
        os.killpg(victim.pid, signal.SIGKILL)
        victim.wait()
        deaths_in_mid_work += not done()
    assert deaths_in_mid_work
    start_worker()
    wait("the end of the work", done, ring=True)

    assert set(Claim.objects.values_list("state", flat=True)) == {"APPROVED"}
    assert Screening.objects.count() == CLAIMS
    moves = Transition.objects.filter(machine="claim").values("subject_id").annotate(n=Count("id"))
    assert {row["n"] for row in moves} == {3}  # born, adjudicated, approved
    posted = (
        LedgerEntry.objects.filter(account="BENEFITS").values("claim_id").annotate(n=Count("id"))
    )
    assert len(posted) == CLAIMS == len(claims)
    assert {row["n"] for row in posted} == {1}
    assert ledger_sum() == 0


def line(index: int) -> dict:
    """Another day for each claim of a patient: the same care twice would be held."""
    day = world.TODAY.toordinal() - index // 12
    return {
        "position": 1,
        "act": "C",
        "quantity": 1,
        "charged": "200.00",
        "care_date": type(world.TODAY).fromordinal(day).isoformat(),
        "illness": None,
    }
