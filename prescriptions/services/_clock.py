"""What the clock does to prescriptions, whoever else does not come: leases, first days, ends."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate

from prescriptions import selectors
from prescriptions.models import Prescription
from prescriptions.services._pending import give_up_uncollected
from prescriptions.services._standing import Sheet, catch_up

PAGE = 200


def advance_prescriptions(*, at: datetime) -> int:
    """Do what is due, a page of prescriptions at most; return how many changed.

    Every command does the same for the prescription it touches, so that a clock that is late changes
    nothing. Rows that somebody holds are left for the next call.
    """
    changed = 0
    for key in selectors.due_prescriptions(at, limit=PAGE):
        with transaction.atomic():
            row = (
                Prescription.objects.select_for_update(of=("self",), skip_locked=True)
                .filter(pk=key)
                .first()
            )
            changed += row is not None and catch_up(Sheet(row), at=at)
    days = selectors.delay("not_collected_days", localdate(at))
    return changed + give_up_uncollected(before=at - timedelta(days=days), at=at)
