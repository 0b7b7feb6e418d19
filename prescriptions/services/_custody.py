"""Holding a prescription at a counter: a lease with an end; and what is open."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate, localtime

from core import audit
from prescriptions import selectors
from prescriptions.models import (
    Prescription,
)
from prescriptions.services._refusals import (
    AlreadyDispensed,
    HeldByAnother,
    NotAPharmacy,
    PrescriptionCancelled,
    PrescriptionNotFound,
)
from prescriptions.states import PrescriptionState
from providers.models import Provider, ProviderKind


def take_custody(*, fse_number: str, pharmacy: Provider, by: Any, at: datetime) -> Prescription:
    """Open a prescription at a counter: a lease with an end, renewed by calling again.

    Raises NotAPharmacy, PrescriptionNotFound, HeldByAnother, AlreadyDispensed, PrescriptionCancelled.
    """
    if pharmacy.kind != ProviderKind.PHARMACY:
        raise NotAPharmacy
    with transaction.atomic():
        prescription = locked(fse_number)
        check_free(prescription, pharmacy, at)
        check_open(prescription)
        minutes = selectors.delay("custody_minutes", localdate(at))
        set_custody(prescription, pharmacy, at + timedelta(minutes=minutes))
        audit.record(
            by=by,
            at=at,
            action="prescriptions.custody.taken",
            subject=prescription,
            insured_id=prescription.insured_id,
            after={"provider": pharmacy.inpe},
        )
    found = selectors.prescription_by_number(fse_number)
    assert found is not None  # noqa: S101 (it was locked above)
    return found


def release_custody(*, fse_number: str, pharmacy: Provider, by: Any, at: datetime) -> None:
    """Give a prescription back; releasing what one does not hold changes nothing."""
    with transaction.atomic():
        prescription = locked(fse_number)
        if prescription.custodian_id == pharmacy.pk:
            set_custody(prescription, None, None)
            audit.record(
                by=by,
                at=at,
                action="prescriptions.custody.released",
                subject=prescription,
                insured_id=prescription.insured_id,
            )


def locked(fse_number: str) -> Prescription:
    # The holder is not joined: after waiting for the lock, PostgreSQL gives the fresh row beside the
    # custodian of the old one, and two pharmacies would both believe the prescription free.
    prescription = (
        Prescription.objects.select_for_update(of=("self",))
        .select_related("prescriber")
        .filter(fse_number=fse_number)
        .first()
    )
    if prescription is None:
        raise PrescriptionNotFound(pointer="/document/fse_number")
    return prescription


def check_free(prescription: Prescription, pharmacy: Provider | None, at: datetime) -> None:
    holder, until = prescription.custodian, prescription.custody_until
    if holder is None or until is None or until <= at or holder == pharmacy:
        return
    raise HeldByAnother(holder=holder.name, until=f"{localdate(until):%d/%m} {_clock(until)}")


def _clock(moment: datetime) -> str:
    return f"{localtime(moment):%H:%M}"


def check_open(prescription: Prescription) -> None:
    if prescription.state == PrescriptionState.CANCELLED:
        raise PrescriptionCancelled
    if prescription.state == PrescriptionState.COMPLETED:
        last = prescription.dispensings.select_related("pharmacy").order_by("-received_at").first()
        assert last is not None  # noqa: S101 (a completed prescription was dispensed)
        raise AlreadyDispensed(
            pharmacy=last.pharmacy.name, day=f"{localdate(last.received_at):%d/%m/%Y}"
        )


def set_custody(
    prescription: Prescription, pharmacy: Provider | None, until: datetime | None
) -> None:
    prescription.custodian = pharmacy
    prescription.custody_until = until
    prescription.save(update_fields=["custodian", "custody_until"])
