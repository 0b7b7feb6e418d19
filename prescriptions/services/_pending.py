"""What a counter prepares for somebody who comes back: started, ready, waiting, given up."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from core import transitions
from prescriptions.models import NotDispensed, PendingDispensing
from prescriptions.services._custody import check_pharmacy
from prescriptions.services._refusals import PrescriptionNotFound
from prescriptions.services._standing import (
    CLOCK,
    Sheet,
    check_command,
    check_custodian,
    end_custody,
    locked,
    locked_key,
)
from prescriptions.services._state_refusals import CommandRefused, ReasonUnknown
from prescriptions.states import PENDING_MACHINE, PendingState
from providers.models import Provider

N = PendingState
OPEN_STATES = (N.PREPARING, N.READY_FOR_PICKUP, N.ON_HOLD)


def start_preparation(
    *, fse_number: str, pharmacy: Provider, by: Any, at: datetime
) -> PendingDispensing:
    """Start to prepare a prescription held at the counter; starting again gives the one begun.

    Raises NotAPharmacy, PrescriptionNotFound, NotInCustody, HeldByAnother.
    """
    check_pharmacy(pharmacy)
    with transaction.atomic():
        sheet = locked(fse_number, at=at)
        check_custodian(sheet, pharmacy)
        check_command("record_outcomes", sheet)
        known = PendingDispensing.objects.filter(
            prescription=sheet.prescription, pharmacy=pharmacy, state__in=OPEN_STATES
        ).first()
        if known is not None:
            return known
        pending = PendingDispensing.objects.create(
            prescription=sheet.prescription,
            insured_id=sheet.prescription.insured_id,
            pharmacy=pharmacy,
            started_at=at,
        )
        transitions.born(pending, by=by, at=at)
        sheet.record("preparation.started", by=by, at=at, preparation=str(pending.pk))
    return pending


def mark_ready(*, pending_id: UUID, pharmacy: Provider, by: Any, at: datetime) -> None:
    """Say that a preparation may be fetched. Raises CommandRefused, PrescriptionNotFound."""
    _move(pending_id, "ready", N.READY_FOR_PICKUP, pharmacy, by=by, at=at, ready_at=at)


def hold_preparation(*, pending_id: UUID, pharmacy: Provider, by: Any, at: datetime) -> None:
    """Set a preparation aside: stock, or a question to the prescriber."""
    _move(pending_id, "hold", N.ON_HOLD, pharmacy, by=by, at=at)


def resume_preparation(*, pending_id: UUID, pharmacy: Provider, by: Any, at: datetime) -> None:
    """Go on with a preparation set aside."""
    _move(pending_id, "resume", N.PREPARING, pharmacy, by=by, at=at)


def retract_preparation(*, pending_id: UUID, pharmacy: Provider, by: Any, at: datetime) -> None:
    """Take back a preparation opened by error, before any hand-over."""
    _move(pending_id, "retract", N.ENTERED_IN_ERROR, pharmacy, by=by, at=at)


def decline_preparation(
    *, pending_id: UUID, pharmacy: Provider, reason: str, by: Any, at: datetime
) -> None:
    """Refuse to go on with a preparation, for one of the coded reasons. Raises ReasonUnknown too."""
    if reason not in NotDispensed.values:
        raise ReasonUnknown(pointer="/reason")
    _move(pending_id, "decline", N.DECLINED, pharmacy, by=by, at=at, reason=reason)


def give_up(*, pending_id: UUID, pharmacy: Provider, by: Any, at: datetime) -> None:
    """Put back on the shelf what nobody fetched; a custody still held ends."""
    _move(pending_id, "not_collected", N.NOT_COLLECTED, pharmacy, by=by, at=at, then=_free)


def give_up_uncollected(*, before: datetime, at: datetime) -> int:
    """Put back on the shelf what has been ready since before an instant; return how many were."""
    late = PendingDispensing.objects.filter(state=N.READY_FOR_PICKUP, ready_at__lt=before)
    for pending in late.select_related("pharmacy"):
        _move(
            pending.pk,
            "not_collected",
            N.NOT_COLLECTED,
            pending.pharmacy,
            by=CLOCK,
            at=at,
            then=_free,
        )
    return len(late)


def _free(sheet: Sheet, pharmacy: Provider, by: Any, at: datetime) -> None:
    if sheet.prescription.custodian_id == pharmacy.pk:
        end_custody(sheet, by=by, at=at, reason="NOT_COLLECTED")


def _move(
    pending_id: UUID,
    command: str,
    to: str,
    pharmacy: Provider,
    *,
    by: Any,
    at: datetime,
    reason: str = "",
    then: Callable[[Sheet, Provider, Any, datetime], None] | None = None,
    **fields: Any,
) -> None:
    with transaction.atomic():
        key = (
            PendingDispensing.objects.filter(pk=pending_id, pharmacy=pharmacy)
            .values_list("prescription_id", flat=True)
            .first()
        )
        if key is None:
            raise PrescriptionNotFound
        sheet = locked_key(key, at=at)
        pending = PendingDispensing.objects.select_for_update(of=("self",)).get(pk=pending_id)
        if pending.state == to:
            return
        if not PENDING_MACHINE.accepts(command, pending.state):
            raise CommandRefused(state=pending.get_state_display())
        transitions.move(pending, to, by=by, at=at, reason=reason, **fields)
        if then is not None:
            then(sheet, pharmacy, by, at)
        sheet.record(f"preparation.{command}", by=by, at=at, preparation=str(pending_id))
