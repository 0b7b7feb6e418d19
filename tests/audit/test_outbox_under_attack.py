"""The outbox when handlers kill, brokers are down and subscribers are gone."""

import os
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core import outbox, tasks
from core.models import OutboxMessage
from core.record_keys import new_key
from tests import world

KIND = "audit.chose.faite"
seen: list = []


def note(*, subject_ids, at) -> None:
    seen.extend(subject_ids)


@pytest.fixture(autouse=True)
def subscribed(settings, monkeypatch) -> None:
    seen.clear()
    monkeypatch.setitem(sys.modules, __name__, sys.modules[note.__module__])
    settings.SUBSCRIPTIONS = {KIND: (f"{__name__}.note",)}


@pytest.mark.django_db
def test_a_message_that_kills_its_worker_is_set_apart_and_its_neighbours_are_done() -> None:
    keys = [new_key() for _ in range(3)]
    outbox.publish(KIND, subject_ids=keys, at=world.NOW)
    killer = keys[1]

    for _life in range(8):
        for _round in range(10):
            messages = outbox.take(at=world.NOW, limit=200)
            if any(killer in message.subject_ids for message in messages):
                break  # the worker dies here: nothing after it runs
            outbox.deliver(messages, at=world.NOW)
        ended = timezone.now() - timedelta(seconds=1)
        OutboxMessage.objects.filter(leased_until__isnull=False).update(leased_until=ended)

    assert sorted(seen) == sorted([keys[0], keys[2]])
    dead = OutboxMessage.objects.get(subject_ids=[killer])
    assert dead.quarantined_at is not None
    assert (dead.attempts, dead.lease_token) == (outbox.MAX_ATTEMPTS, None)
    assert OutboxMessage.objects.filter(done_at__isnull=False).count() == 2


@pytest.mark.django_db
def test_a_subscriber_that_no_longer_exists_stops_nobody_else(settings) -> None:
    settings.SUBSCRIPTIONS = {KIND: ("core.services_that_left.gone", f"{__name__}.note")}
    subject = new_key()
    outbox.publish(KIND, subject_ids=[subject], at=world.NOW)

    tasks.relay()

    assert seen == [subject]
    lost = OutboxMessage.objects.get(subscriber="core.services_that_left.gone")
    assert lost.quarantined_at is not None
    assert "services_that_left" in lost.last_error


@pytest.mark.django_db
def test_a_group_asks_the_database_once_which_leases_it_holds(
    django_assert_max_num_queries,
) -> None:
    outbox.publish(KIND, subject_ids=[new_key() for _ in range(50)], at=world.NOW)
    messages = outbox.take(at=world.NOW, limit=50)

    with django_assert_max_num_queries(5):
        outbox.deliver(messages, at=world.NOW)
    assert len(seen) == 50


@pytest.mark.django_db(transaction=True)
def test_many_events_of_one_transaction_ring_once() -> None:
    with transaction.atomic():
        for _ in range(30):
            outbox.publish(KIND, subject_ids=[new_key()], at=world.NOW)
        try:
            with transaction.atomic():
                outbox.publish(KIND, subject_ids=[new_key()], at=world.NOW)
                raise LookupError
        except LookupError:
            pass
        assert len(connection.run_on_commit) == 1


@pytest.mark.django_db(transaction=True)
def test_a_bell_rung_inside_a_lost_savepoint_is_rung_again() -> None:
    with transaction.atomic():
        try:
            with transaction.atomic():
                outbox.publish(KIND, subject_ids=[new_key()], at=world.NOW)
                raise LookupError
        except LookupError:
            pass
        assert connection.run_on_commit == []
        outbox.publish(KIND, subject_ids=[new_key()], at=world.NOW)
        assert len(connection.run_on_commit) == 1


RING = """
import time, django
django.setup()
from core import outbox
started = time.monotonic()
outbox.ring()
print(time.monotonic() - started < 5)
"""


@pytest.mark.parametrize("broker", ["refuses", "is silent"])
def test_a_broker_that_is_down_never_breaks_nor_blocks_a_request(broker: str) -> None:
    """In a process of its own: a connection once made would be used again."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if broker == "is silent":
            listener.listen()
        address = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
        rung = subprocess.run(
            [sys.executable, "-c", RING],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "config.settings.test",
                "BROKER_URL": address,
            },
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
    assert rung.stdout.strip() == "True"
    assert "broker unreachable" in rung.stderr
