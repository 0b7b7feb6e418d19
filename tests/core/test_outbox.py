"""The row is the queue, Celery is the doorbell: replay, crash, poison, leases."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from core import outbox
from core.models import AuditEvent, OutboxMessage
from core.record_keys import new_key
from core.tasks import relay
from tests import world

pytestmark = pytest.mark.django_db

KIND = "essai.chose.faite"
POISON = UUID("00000000-0000-7000-8000-000000000bad")


def note(*, subject_ids, at) -> None:
    """A subscriber: writes one audit event a subject, and chokes on one of them."""
    for subject_id in subject_ids:
        if subject_id == POISON:
            raise ValueError("poison")
        AuditEvent.objects.create(
            at=at, actor="system:test", action="noted", subject_type="x", subject_id=str(subject_id)
        )


@pytest.fixture(autouse=True)
def subscribed(settings) -> None:
    settings.SUBSCRIPTIONS = {KIND: (f"{__name__}.note",)}


@pytest.fixture(autouse=True)
def importable(monkeypatch) -> None:
    """importlib mode gives test modules no importable name: subscribers are found by name."""
    import sys

    monkeypatch.setitem(sys.modules, __name__, sys.modules[note.__module__])


def noted() -> list[str]:
    return list(AuditEvent.objects.order_by("subject_id").values_list("subject_id", flat=True))


def test_a_message_is_delivered_once_however_often_the_bell_rings() -> None:
    subject = new_key()
    outbox.publish(KIND, subject_ids=[subject], at=world.NOW)

    assert [relay(), relay(ignored="by an old worker")] == [1, 0]
    assert noted() == [str(subject)]


def test_an_event_nobody_listens_to_leaves_no_row() -> None:
    outbox.publish("nobody.cares", subject_ids=[new_key()], at=world.NOW)

    assert OutboxMessage.objects.count() == 0


def test_poison_is_quarantined_after_three_tries_and_its_neighbours_are_done() -> None:
    neighbours = sorted(str(key) for key in (new_key(), new_key()))
    subjects = [UUID(neighbours[0]), POISON, UUID(neighbours[1])]
    outbox.publish(KIND, subject_ids=subjects, at=world.NOW)

    for _round in range(6):
        messages = outbox.take(at=world.NOW, limit=10)
        outbox.deliver(messages, at=world.NOW)

    assert noted() == neighbours
    poisoned = OutboxMessage.objects.get(subject_ids=[POISON])
    assert (poisoned.attempts, poisoned.quarantined_at, poisoned.done_at) == (3, world.NOW, None)
    assert "ValueError: poison" in poisoned.last_error


def test_a_lease_keeps_others_away_until_it_ends() -> None:
    outbox.publish(KIND, subject_ids=[new_key()], at=world.NOW)

    taken = outbox.take(at=world.NOW, limit=10)
    assert len(taken) == 1
    assert outbox.take(at=world.NOW, limit=10) == []
    end_leases()
    assert len(outbox.take(at=world.NOW, limit=10)) == 1


@pytest.mark.parametrize("days", [-1, 1])
def test_a_worker_whose_clock_is_wrong_neither_steals_nor_keeps(days) -> None:
    wrong = timezone.now() + timedelta(days=days)
    outbox.publish(KIND, subject_ids=[new_key()], at=world.NOW)
    outbox.publish(KIND, subject_ids=[new_key()], at=world.NOW)

    (held,) = outbox.take(at=timezone.now(), limit=1)
    (taken,) = outbox.take(at=wrong, limit=1)

    assert taken.id != held.id
    assert outbox.take(at=wrong, limit=1) == []
    assert abs(taken.leased_until - timezone.now() - outbox.LEASE) < timedelta(seconds=5)


def end_leases() -> None:
    """Let the leases run out, as their thirty seconds do."""
    OutboxMessage.objects.update(leased_until=timezone.now() - timedelta(seconds=1))


def test_a_worker_whose_lease_was_taken_over_changes_nothing() -> None:
    outbox.publish(KIND, subject_ids=[new_key()], at=world.NOW)
    late = outbox.take(at=world.NOW, limit=10)
    end_leases()
    current = outbox.take(at=world.NOW, limit=10)

    outbox.deliver(late, at=world.NOW)
    assert noted() == []
    outbox.deliver(current, at=world.NOW)
    assert len(noted()) == 1
