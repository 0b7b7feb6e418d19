"""Two payment officers, and what the database holds of payments: to prove that nothing changed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import models

from accounts.models import User
from claims.models import Claim
from core.models import AuditEvent, OutboxMessage, Transition
from payments.models import (
    BankAnswer,
    BankLine,
    LedgerEntry,
    OrderClaim,
    PaymentBatch,
    PaymentOrder,
    PaymentRepair,
    Posting,
)
from tests.payments import factories

WATCHED: tuple[type[models.Model], ...] = (
    Claim,
    PaymentBatch,
    PaymentOrder,
    OrderClaim,
    Posting,
    LedgerEntry,
    BankAnswer,
    BankLine,
    PaymentRepair,
    AuditEvent,
    Transition,
    OutboxMessage,
)


@pytest.fixture
def preparer(db: None) -> User:
    return factories.officer(full_name="Préparatrice")


@pytest.fixture
def approver(db: None) -> User:
    return factories.officer(full_name="Approbateur")


@pytest.fixture
def everything() -> Callable[[], list[Any]]:
    """All rows of what payments may write: equal before and after a refusal."""

    def photograph() -> list[Any]:
        return [list(model.objects.order_by("id").values()) for model in WATCHED]

    return photograph
