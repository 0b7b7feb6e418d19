"""What comes in is kept before anything else, in a transaction of its own; then it is settled."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from core import outbox, transitions
from core.crashpoints import crashpoint
from core.errors import DomainError
from core.signatures import is_signed
from providers.models import Device
from providers.selectors import device_by_kid
from sync import selectors
from sync.intake import EnvelopeUnreadable, ReadEnvelope, read_envelope
from sync.models import DeviceChain, Envelope, IncidentKind
from sync.services._refusals import (
    EnvelopeDeviceUnknown,
    EnvelopeIdReused,
    EnvelopeShapeWrong,
    EnvelopeSignatureInvalid,
    Fork,
)
from sync.services._settling import RECEIVED, S, decide, locked_chain, settle_chain, tell

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered of one envelope: as it stands, or why it was not kept."""

    envelope: Envelope | None = None
    refusal: DomainError | None = None
    read: ReadEnvelope | None = None
    named: str = ""


def receive_envelopes(*, envelopes: Sequence[Any], by: Any, at: datetime) -> list[Reply]:
    """Keep envelopes, whoever carries them, then settle them; return a reply each, in their order.

    The same envelope again changes nothing and gets the same reply. What fails while it is settled
    stays received: the outbox takes it up. Raises what the database raises, and then nothing is kept.
    """
    replies, devices = _kept(envelopes, by=by, at=at)
    crashpoint("sync.after_store")
    for device in devices:
        try:
            settle_chain(device.pk, at=at)
        except (
            Exception
        ):  # the outermost edge of this work: the envelope is kept, the sweeper goes on
            log.exception("a chain could not be settled; its envelopes wait")
    crashpoint("sync.before_answer")
    stands = selectors.envelopes_named([x.envelope.pk for x in replies if x.envelope])
    return [
        Reply(stands[x.envelope.pk], None, x.read, x.named) if x.envelope else x for x in replies
    ]


@transaction.atomic
def _kept(envelopes: Sequence[Any], *, by: Any, at: datetime) -> tuple[list[Reply], list[Device]]:
    readings = [_read(each) for each in envelopes]
    devices = {each.read.device: device_by_kid(each.read.device) for each in readings if each.read}
    known = sorted((each for each in devices.values() if each), key=lambda device: device.pk)
    for device in known:
        DeviceChain.objects.get_or_create(device=device, defaults={"hash": device.kid})
        locked_chain(device.pk)
    replies = [
        _keep(each.read, devices[each.read.device], by=by, at=at) if each.read else each
        for each in readings
    ]
    waiting = {
        each.envelope.device_id
        for each in replies
        if each.envelope and each.envelope.state == S.RECEIVED
    }
    outbox.publish(RECEIVED, subject_ids=sorted(waiting), at=at)
    return replies, known


def _read(value: Any) -> Reply:
    named = value.get("document") if isinstance(value, dict) else None
    name = str(named.get("id", ""))[:36] if isinstance(named, dict) else ""
    try:
        return Reply(read=read_envelope(value), named=name)
    except EnvelopeUnreadable as unreadable:
        where = unreadable.where or "/"
        return Reply(refusal=EnvelopeShapeWrong(where=where), named=name)


def _keep(read: ReadEnvelope, device: Device | None, *, by: Any, at: datetime) -> Reply:
    """Keep one envelope unless it is known, or nobody signed it. The caller holds the chain."""
    name = str(read.id)
    if device is None:
        return Reply(refusal=EnvelopeDeviceUnknown(), read=read, named=name)
    envelope = Envelope(
        id=read.id,
        device=device,
        sequence=read.sequence,
        previous=read.previous,
        hash=read.hash,
        kind=read.kind,
        state=S.RECEIVED,
        raw=read.raw,
        received_at=at,
        carried_by=by,
    )
    if not is_signed(read.document, read.signature, device.public_jwk):
        _tell_strange(IncidentKind.BAD_SIGNATURE, envelope, at=at)
        return Reply(refusal=EnvelopeSignatureInvalid(), read=read, named=name)
    known = Envelope.objects.filter(pk=read.id).first()
    if known is not None:
        if known.hash == read.hash:
            return Reply(envelope=known, read=read, named=name)
        _tell_strange(IncidentKind.ID_REUSED, envelope, at=at)
        return Reply(refusal=EnvelopeIdReused(), read=read, named=name)
    envelope.is_fork = Envelope.objects.filter(
        device=device, sequence=read.sequence, is_fork=False
    ).exists()
    envelope.save(force_insert=True)
    transitions.born(envelope, by=by, at=at)
    if envelope.is_fork:
        decide(envelope, S.QUARANTINED, Fork(), at=at)
    return Reply(envelope=envelope, read=read, named=name)


def _tell_strange(kind: IncidentKind, envelope: Envelope, *, at: datetime) -> None:
    """Keep, apart, the bytes of what could not be kept as an envelope."""
    tell(
        kind,
        envelope=envelope,
        at=at,
        digest=f"{envelope.pk}:{envelope.hash}",
        detail={"id": str(envelope.pk), "sequence": envelope.sequence},
        raw=envelope.raw,
    )


def fetch_outcomes(*, ids: Sequence[Any], by: Any, at: datetime) -> list[Reply]:
    """Return again what became of envelopes; their own user asking, they are receipted.

    An id nobody sent is answered as unknown: send the envelope again.
    """
    known = selectors.envelopes_named(ids)
    mine = [
        each
        for each in known.values()
        if each.device.user_id == by.pk and each.state in (S.APPLIED, S.REJECTED)
    ]
    for envelope in sorted(mine, key=lambda each: each.pk):
        with transaction.atomic():
            locked = Envelope.objects.select_for_update(of=("self",)).get(pk=envelope.pk)
            if locked.state in (S.APPLIED, S.REJECTED):
                transitions.move(locked, S.RECEIPTED, by=by, at=at)
    return [Reply(envelope=known.get(each), named=str(each)) for each in ids]
