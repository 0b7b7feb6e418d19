"""The product under measure, called as its own tasks call it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from claims import services
from claims.models import ApprovalUse, Claim, DecisionStep

BATCH = 5000
HISTORY_AT = datetime(2026, 11, 2, 6, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 22, tzinfo=UTC)
ACTOR = "system:adjudication"
SHARED_MODELS = ()
USE_MODELS = (ApprovalUse, DecisionStep)


def judge_history() -> None:
    """Judge every claim of a stock's first town, in the order they were received."""
    claim_ids = list(Claim.objects.order_by("received_at").values_list("id", flat=True))
    for start in range(0, len(claim_ids), BATCH):
        judge(claim_ids[start : start + BATCH], at=HISTORY_AT)


def judge(claim_ids: Sequence[UUID], *, at: datetime) -> None:
    with transaction.atomic():
        claims = Claim.objects.in_bulk(claim_ids)
        services.adjudicate_claims([claims[key] for key in claim_ids], by=ACTOR, at=at)
