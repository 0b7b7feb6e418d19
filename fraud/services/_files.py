"""Opening a claim's file and taking a list out: both are recorded."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from claims.models import Claim
from core import audit
from fraud import selectors
from fraud.permissions import check_can_see_files


@transaction.atomic
def open_file(*, claim: Claim, by: User, at: datetime) -> selectors.CaseFile:
    """Give a claim's file to an agent, and record that they read it. Raises FileNotYours."""
    check_can_see_files(by)
    audit.record(
        by=by, at=at, action=selectors.FILE_READ, subject=claim, insured_id=claim.insured_id
    )
    return selectors.case_file(claim.pk)


def record_export(*, rows: int, query: str, by: User, at: datetime) -> None:
    """Record that a person took a list of claims out of the product. Raises FileNotYours."""
    check_can_see_files(by)
    audit.record(
        by=by,
        at=at,
        action="claims.list.exported",
        subject=by,
        after={"rows": rows, "query": query},
    )
