"""What a practice prepares before the signature: prescriptions waiting for one, and its protocols."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from core import audit
from insured.models import Person
from prescriptions.models import Preparation, Prescription, Protocol
from prescriptions.services._refusals import NotYourPractice, PreparationGone, ProtocolNotFound
from providers.models import Provider
from providers.selectors import membership_on

Lines = list[dict[str, Any]]


def prepare_prescription(
    *, provider: Provider, patient: Person, lines: Lines, by: Any, at: datetime
) -> Preparation:
    """Keep the lines of a prescription for its prescriber to sign. Raises NotYourPractice."""
    _check_member(by, provider, at)
    with transaction.atomic():
        preparation = Preparation.objects.create(
            provider=provider,
            insured_id=patient.insured_id,
            patient=patient,
            prepared_by=by,
            prepared_at=at,
            lines=lines,
        )
        audit.record(
            by=by,
            at=at,
            action="prescriptions.preparation.written",
            subject=preparation,
            insured_id=patient.insured_id,
        )
    return preparation


def drop_preparation(*, preparation_id: UUID, by: Any, at: datetime) -> None:
    """Take a prepared prescription away unsigned; dropping it again changes nothing.

    Raises PreparationGone, NotYourPractice.
    """
    with transaction.atomic():
        preparation = _locked(preparation_id)
        _check_member(by, preparation.provider, at)
        if preparation.prescription_id is not None:
            raise PreparationGone
        if preparation.dropped_at is None:
            preparation.dropped_at = at
            preparation.save(update_fields=["dropped_at"])
            audit.record(
                by=by,
                at=at,
                action="prescriptions.preparation.dropped",
                subject=preparation,
                insured_id=preparation.insured_id,
            )


def mark_signed(preparation_id: UUID, prescription: Prescription) -> None:
    """Tie what was prepared to the prescription it became, in the caller's transaction.

    Raises PreparationGone: signed already, dropped, of another practice or another patient.
    """
    preparation = _locked(preparation_id)
    is_waiting = preparation.prescription_id is None and preparation.dropped_at is None
    is_theirs = preparation.provider_id == prescription.prescriber_id
    if not is_waiting or not is_theirs or preparation.patient_id != prescription.patient_id:
        raise PreparationGone(pointer="/preparation")
    preparation.prescription = prescription
    preparation.save(update_fields=["prescription"])


def write_protocol(
    *, provider: Provider, key: int, name: str, lines: Lines, by: Any, at: datetime
) -> Protocol:
    """Put lines on a key (1 to 9) of a practice, in the place of what was there. Raises NotYourPractice."""
    _check_member(by, provider, at)
    kept = {"name": name, "lines": lines, "written_by": by, "written_at": at}
    with transaction.atomic():
        protocol, _made = Protocol.objects.update_or_create(
            provider=provider, key=key, defaults=kept
        )
        audit.record(by=by, at=at, action="prescriptions.protocol.written", subject=protocol)
    return protocol


def remove_protocol(*, provider: Provider, key: int, by: Any, at: datetime) -> None:
    """Free a key. Raises NotYourPractice, ProtocolNotFound."""
    _check_member(by, provider, at)
    with transaction.atomic():
        protocol = Protocol.objects.select_for_update().filter(provider=provider, key=key).first()
        if protocol is None:
            raise ProtocolNotFound
        audit.record(by=by, at=at, action="prescriptions.protocol.removed", subject=protocol)
        protocol.delete()


def _locked(preparation_id: UUID) -> Preparation:
    found = (
        Preparation.objects.select_for_update(of=("self",))
        .select_related("provider")
        .filter(pk=preparation_id)
        .first()
    )
    if found is None:
        raise PreparationGone
    return found


def _check_member(by: Any, provider: Provider, at: datetime) -> None:
    if membership_on(by, provider, localdate(at)) is None:
        raise NotYourPractice
