"""Settling envelopes, in the order of each device's chain, each in a transaction of its own."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from core import audit, outbox, transitions
from core.api.entries import EntryErrors
from core.audit import Actor
from core.crashpoints import crashpoint
from core.errors import DomainError, EntriesRefused
from core.languages import in_both_languages
from prescriptions.services import hold_for_mismatch
from sync import selectors
from sync.gateways import issued
from sync.intake import ReadEnvelope, read_kept
from sync.models import DeviceChain, Envelope, Incident, IncidentKind
from sync.services._documents import Content, Done, content_of
from sync.services._judging import Timed, check_days, check_key, check_limits, timed
from sync.services._refusals import (
    Applied,
    CodeContradicted,
    Conflict,
    Duplicate,
    Fork,
    Gap,
    NotOfTheEngine,
    PaidInGoodFaith,
    PresenceRefused,
    Suspect,
    Waiting,
)
from sync.states import EnvelopeState

log = logging.getLogger(__name__)

SYNC = "system:sync"
S = EnvelopeState
RECEIVED = "sync.envelope.received"
DOUBLED = "sync.handover.doubled"
# Told of what was applied, and told to somebody.
_NOTED: dict[type[DomainError], IncidentKind] = {
    PresenceRefused: IncidentKind.PRESENCE,
    NotOfTheEngine: IncidentKind.SHOWN_DIFFERS,
    Duplicate: IncidentKind.DUPLICATE,
    PaidInGoodFaith: IncidentKind.DOUBLE_HANDOVER,
}


def settle_received(*, subject_ids: Sequence[UUID], at: datetime) -> None:
    """Settle the next envelope of one of these devices. Subscriber of `sync.envelope.received`.

    The rest is told again: the outbox runs this in one transaction, and two that held several chains or
    households could wait for each other for ever.
    """
    first, *others = sorted(set(subject_ids))
    again = [first, *others] if _settle_next(first, at=at) else others
    outbox.publish(RECEIVED, subject_ids=again, at=at)


def settle_chain(device_id: UUID, *, at: datetime) -> None:
    """Settle a device's envelopes as far as its chain is whole; what comes after a gap is held."""
    while _settle_next(device_id, at=at):
        crashpoint("sync.between_envelopes")


@transaction.atomic
def _settle_next(device_id: UUID, *, at: datetime) -> bool:
    """Settle the next envelope of a chain, under its lock; tell whether there was one."""
    chain = locked_chain(device_id)
    waiting = Envelope.objects.filter(
        device_id=device_id, state__in=selectors.WAITING, is_fork=False, in_chain=False
    ).select_related("device", "device__user", "device__provider")
    envelope = waiting.filter(sequence__lte=chain.sequence + 1).order_by("sequence").first()
    if envelope is None:
        _hold_after_gap(chain, list(waiting.filter(state=S.RECEIVED)), at=at)
        return False
    crashpoint("sync.before_apply")
    is_next = envelope.sequence == chain.sequence + 1
    if is_next and envelope.previous != chain.hash:
        envelope.is_fork = True
        decide(envelope, S.QUARANTINED, Fork(), at=at)
        return True
    settle(envelope, chain, at=at)
    if is_next:
        chain.sequence, chain.hash = envelope.sequence, envelope.hash
        chain.reached_at = _latest(chain.reached_at, envelope.earliest)
        chain.save(update_fields=["sequence", "hash", "reached_at"])
    crashpoint("sync.after_apply")
    return True


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    known = [each for each in (one, other) if each is not None]
    return max(known, default=None)


def locked_chain(device_id: UUID) -> DeviceChain:
    """Return the chain of a device, whose row keeps every other writer of it waiting."""
    return DeviceChain.objects.select_for_update().get(device_id=device_id)


def _hold_after_gap(chain: DeviceChain, received: Sequence[Envelope], *, at: datetime) -> None:
    for envelope in received:
        decide(envelope, S.HELD, Gap(expected=chain.sequence + 1), at=at)


def settle(
    envelope: Envelope,
    chain: DeviceChain,
    *,
    at: datetime,
    by: Actor = SYNC,
    reason: str = "",
    vouched: bool = False,
) -> None:
    """Judge one envelope and apply it, or say why not; its place in the chain is taken all the same.

    `vouched`: a person of the fund answers for what cannot be believed. The caller holds the chain.
    """
    envelope.in_chain = True
    acting: dict[str, Any] = {"at": at, "by": by, "reason": reason}
    read = read_kept(envelope.raw)
    try:
        with transaction.atomic():
            done = _applied(read, envelope, chain, at=at, vouched=vouched)
    except Waiting as refusal:
        decide(envelope, _waits(envelope, at=at), refusal, **acting)
    except Suspect as refusal:
        decide(envelope, S.QUARANTINED, refusal, **acting)
    except Conflict as refusal:
        _on_conflict(envelope, refusal, at=at)
        decide(envelope, S.CONFLICT, refusal, **acting)
    except (DomainError, EntryErrors) as refusal:
        decide(envelope, S.REJECTED, refusal, **acting)
    else:
        envelope.claim, envelope.result = done.claim, done.result
        first, *others = done.notes or (Applied(),)
        decide(envelope, S.APPLIED, first, **acting)
        for note in others:
            _tell_incident(envelope, note, at=at)
        outbox.publish(DOUBLED, subject_ids=list(done.doubled), at=at)


def _waits(envelope: Envelope, *, at: datetime) -> EnvelopeState:
    """A prescription is awaited for a time only; then a person decides."""
    return S.CONFLICT if envelope.received_at < _awaited_since(at) else S.HELD


def _awaited_since(at: datetime) -> datetime:
    return at - timedelta(days=selectors.delay("offline_parent_days", localdate(at)))


def _applied(
    read: ReadEnvelope, envelope: Envelope, chain: DeviceChain, *, at: datetime, vouched: bool
) -> Done:
    when = timed(read, envelope, chain, vouched=vouched)
    _note_time(envelope, when)
    if not vouched:
        check_key(envelope.device, when.time)
    pack = read.document["pack"]
    content = content_of(read.sealed, envelope.kind, envelope.device, pack=pack)
    if not vouched:
        check_days(content, when.time)
        check_limits(envelope, content, when)
    _note_content(envelope, content)
    return content.apply(when.offline(envelope, code=content.code, vouched=vouched), at)


def _note_time(envelope: Envelope, when: Timed) -> None:
    envelope.anchor_id = when.anchor.id if when.anchor else None
    envelope.earliest, envelope.latest = when.time.earliest, when.time.latest
    envelope.signed_at = when.time.counts
    envelope.flags = [flag.value for flag in when.time.flags]


def _note_content(envelope: Envelope, content: Content) -> None:
    envelope.fse_number = content.fse_number
    envelope.insured_id = content.insured_id
    envelope.charged_centimes = content.charged


def _on_conflict(envelope: Envelope, refusal: Conflict, *, at: datetime) -> None:
    """What cannot wait for a person: a prescription that contradicts its code is dispensed no more."""
    if isinstance(refusal, CodeContradicted) and envelope.fse_number:
        days = selectors.delay("prescription_hold_max_days", localdate(at))
        hold_for_mismatch(fse_number=envelope.fse_number, until=at + timedelta(days=days), at=at)


def decide(
    envelope: Envelope,
    to: EnvelopeState,
    why: DomainError | EntryErrors,
    *,
    at: datetime,
    by: Actor = SYNC,
    reason: str = "",
) -> None:
    """Move an envelope, with what is answered of it, its signed receipt and its incident."""
    told = _told(why)
    envelope.code, envelope.message = told["code"], told["message"]
    envelope.errors = told["errors"]
    envelope.settled_at = None if to == S.HELD else at
    envelope.receipt = receipt_of(envelope, to, at=at)
    fields = {name: getattr(envelope, name) for name in _WRITTEN}
    if to == envelope.state:
        Envelope.objects.filter(pk=envelope.pk).update(**fields)
    else:
        transitions.move(envelope, to, by=by, at=at, reason=reason or told["code"], **fields)
    _tell_incident(envelope, why, at=at)
    audit.record(
        by=by,
        at=at,
        action=f"sync.envelope.{to.lower()}",
        subject=envelope,
        insured_id=envelope.insured_id,
        after={"code": told["code"], **({"reason": reason} if reason else {})},
    )


_WRITTEN = (
    "is_fork",
    "in_chain",
    "anchor_id",
    "earliest",
    "latest",
    "signed_at",
    "flags",
    "charged_centimes",
    "code",
    "message",
    "errors",
    "result",
    "receipt",
    "settled_at",
    "fse_number",
    "insured_id",
    "claim_id",
)


def _told(why: DomainError | EntryErrors) -> dict[str, Any]:
    """The code, the sentence and the errors, each with its pointer, of what became of an envelope."""
    if isinstance(why, EntryErrors):
        listed = [{"pointer": x.pointer, "code": x.code, "message": x.message} for x in why.errors]
        message = listed[0]["message"] if listed else {"fr": "", "ar": ""}
        return {"code": "INVALID_ENTRY", "message": message, "errors": listed}
    each = why.errors if isinstance(why, EntriesRefused) else [why]
    errors = [
        {
            "pointer": one.pointer,
            "code": one.code,
            "message": in_both_languages(one.message, one.context),
        }
        for one in each
        if one.pointer is not None
    ]
    message = in_both_languages(why.message, why.context)
    return {"code": why.code, "message": message, "errors": errors}


def receipt_of(envelope: Envelope, outcome: EnvelopeState, *, at: datetime) -> str:
    """Return what the server signs of an outcome: id, hash, device, number, outcome, instant."""
    return issued(
        {
            "id": str(envelope.pk),
            "hash": envelope.hash,
            "device": envelope.device.kid,
            "sequence": envelope.sequence,
            "outcome": outcome_name(outcome),
            "at": at.isoformat(),
        }
    )


def outcome_name(state: str) -> str:
    """Return how a state is called in answers."""
    return "REFUSED" if state == S.REJECTED else str(state)


def _tell_incident(envelope: Envelope, why: DomainError | EntryErrors, *, at: datetime) -> None:
    kind = why.incident if isinstance(why, Suspect | Conflict) else _NOTED.get(type(why))
    if kind is not None:
        tell(kind, envelope=envelope, at=at, digest=f"{envelope.pk}", detail={"code": why.code})


def tell(
    kind: IncidentKind,
    *,
    envelope: Envelope,
    at: datetime,
    digest: str,
    detail: dict[str, Any],
    raw: bytes | None = None,
) -> None:
    """Write an incident, once however often it is seen."""
    named = sha256(digest.encode()).hexdigest()
    if Incident.objects.filter(kind=kind, digest=named).exists():
        return
    Incident.objects.create(
        at=at,
        kind=kind,
        device=envelope.device,
        envelope=envelope if raw is None else None,
        insured_id=envelope.insured_id,
        digest=named,
        detail=detail,
        raw=raw,
    )


def settle_awaiting(*, at: datetime, limit: int = 200) -> int:
    """Try again what awaits its prescription; give what awaited too long to a person. Return how many."""
    moved = 0
    for each in selectors.awaiting_prescription(received_before=_awaited_since(at), limit=limit):
        with transaction.atomic():
            chain = locked_chain(each.device_id)
            envelope = Envelope.objects.select_related(
                "device", "device__user", "device__provider"
            ).get(pk=each.pk)
            if envelope.state != S.HELD:
                continue
            settle(envelope, chain, at=at)
            moved += envelope.state != S.HELD
    return moved
