"""Work set aside after three failures: seen by those who watch, given back by an administrator."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from core.models import AuditEvent, OutboxMessage
from core.record_keys import new_key
from tests import world
from tests.office.conftest import with_second_factor

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.AccountBackend"


def office(role: Role) -> Client:
    client = Client()
    client.force_login(with_second_factor(world.user(role)), backend=BACKEND)
    return client


def set_aside(**fields: object) -> OutboxMessage:
    given = {
        "kind": "claims.claim.approved",
        "subscriber": "payments.services.post_approved_claims",
        "subject_ids": [new_key()],
        "published_at": world.NOW,
        "attempts": 3,
        "quarantined_at": world.NOW,
        "last_error": "Traceback\nValueError: the cause",
    }
    return OutboxMessage.objects.create(**{**given, **fields})


def test_what_was_set_aside_is_listed_with_its_cause() -> None:
    aside, done = set_aside(), set_aside(done_at=world.NOW)

    page = office(Role.AUDITOR).get(reverse("admin:quarantine")).content.decode()

    assert "ValueError: the cause" in page
    assert str(aside.subject_ids[0]) in page
    assert str(done.subject_ids[0]) not in page
    assert "Remettre dans la file" not in page


def test_an_administrator_gives_one_back_and_the_other_stays() -> None:
    one, other = set_aside(), set_aside()

    office(Role.ADMINISTRATOR).post(reverse("admin:quarantine"), {"message": str(one.id)})

    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.attempts, one.quarantined_at) == (0, None)
    assert (other.attempts, other.quarantined_at) == (3, world.NOW)
    said = AuditEvent.objects.get(action="core.outboxmessage.given_back")
    assert said.subject_id == str(one.id)


def test_all_are_given_back_at_once_and_again_changes_nothing() -> None:
    for _each in range(3):
        set_aside()
    client = office(Role.ADMINISTRATOR)

    client.post(reverse("admin:quarantine"))
    again = client.post(reverse("admin:quarantine"), follow=True)

    assert OutboxMessage.objects.filter(quarantined_at=None, attempts=0).count() == 3
    assert AuditEvent.objects.filter(action="core.outboxmessage.given_back").count() == 3
    assert "déjà été repris" in again.content.decode()


def test_an_auditor_gives_nothing_back() -> None:
    aside = set_aside()

    answer = office(Role.AUDITOR).post(reverse("admin:quarantine"))

    aside.refresh_from_db()
    assert answer.status_code == 403
    assert aside.quarantined_at == world.NOW
