"""What is written for operators never carries a person's data."""

import io
import logging
import logging.config
import sys

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from core import outbox
from core.models import OutboxMessage
from core.record_keys import new_key
from insured.models import Person
from tests import world

pytestmark = pytest.mark.django_db
SECRETS = ("QQ987654", "Benjelloun", "secret\nsur deux lignes")


def refused_row(*, subject_ids=(), at=None) -> None:
    """A row that the database refuses, quoting it: the CIN twice, in one household."""
    one = world.person(cin="QQ987654", last_name="Benjelloun")
    Person.objects.create(
        insured=one.insured,
        relation="SPOUSE",
        first_name="secret\nsur deux lignes",
        last_name="Benjelloun",
        birth_date=world.TODAY,
        sex="F",
        cin="QQ987654",
    )


def refusal() -> IntegrityError:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        refused_row()
    return refused.value


def test_a_trace_in_the_log_quotes_no_row() -> None:
    error, written = refusal(), io.StringIO()
    assert "QQ987654" in str(error)  # what the database says of itself
    wanted = settings.LOGGING["formatters"]["line"]
    configured = logging.config.DictConfigurator({"version": 1}).configure_formatter(dict(wanted))
    handler = logging.StreamHandler(written)
    handler.setFormatter(configured)
    logger = logging.getLogger("tests.audit")
    logger.addHandler(handler)
    try:
        logger.error("failed: %s", error, exc_info=error)
    finally:
        logger.removeHandler(handler)

    assert "IntegrityError" in written.getvalue()
    assert not [secret for secret in SECRETS if secret in written.getvalue()]


def test_what_the_outbox_keeps_of_a_failure_quotes_no_row(settings, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, __name__, sys.modules[refused_row.__module__])
    settings.SUBSCRIPTIONS = {"audit.row.refused": (f"{__name__}.refused_row",)}
    outbox.publish("audit.row.refused", subject_ids=[new_key()], at=world.NOW)

    outbox.deliver(outbox.take(at=world.NOW, limit=1), at=world.NOW)

    kept = OutboxMessage.objects.get().last_error
    assert "IntegrityError" in kept
    assert not [secret for secret in SECRETS if secret in kept]
