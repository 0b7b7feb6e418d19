"""What an envelope and an anchor are answered with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from core.errors import DomainError
from core.languages import in_both_languages
from core.money import format_dirhams, format_rate
from sync import selectors
from sync.gateways import issued, seal_jwk, sealing_jwk
from sync.models import Pack
from sync.services import Anchored, Repair, Reply, outcome_name
from sync.services._refusals import EnvelopeNotFound
from sync.states import EnvelopeState

Json = dict[str, Any]
REFUSED, RECEIVED, UNKNOWN = "REFUSED", "RECEIVED", "UNKNOWN"
# What the sender can do, where it is not to sign a corrected document.
_REPAIRS = {
    EnvelopeState.RECEIVED: Repair.WAIT,
    EnvelopeState.HELD: Repair.WAIT,
    EnvelopeState.APPLIED: Repair.NONE,
    EnvelopeState.QUARANTINED: Repair.CONTACT,
    EnvelopeState.CONFLICT: Repair.CONTACT,
}


def reply_output(reply: Reply, *, viewer: Any, at: datetime) -> Json:
    """An envelope's answer. `viewer`: who asks; what the content said
    (code, message, errors, result) is told to the device's own user only."""
    if reply.envelope is None:
        return _refused(reply, reply.refusal or EnvelopeNotFound(), at=at)
    envelope = reply.envelope
    state = envelope.state
    if state == EnvelopeState.RECEIPTED:
        state = EnvelopeState.APPLIED if envelope.result is not None else EnvelopeState.REJECTED
    repair = _REPAIRS.get(EnvelopeState(state), Repair.CORRECT)
    own = envelope.device.user_id == viewer.pk
    return {
        "id": str(envelope.pk),
        "outcome": outcome_name(state),
        "code": (envelope.code or RECEIVED) if own else outcome_name(state),
        "message": (envelope.message if own else None) or {"fr": "", "ar": ""},
        "repair": repair.value,
        "errors": envelope.errors if own else [],
        "receipt": envelope.receipt or None,
        "result": envelope.result if own else None,
    }


def _refused(reply: Reply, refusal: DomainError, *, at: datetime) -> Json:
    """What was not kept as an envelope: nothing of it stands under this id because of this sending."""
    unknown = isinstance(refusal, EnvelopeNotFound)
    return {
        "id": reply.named or None,
        "outcome": UNKNOWN if unknown else REFUSED,
        "code": refusal.code,
        "message": in_both_languages(refusal.message, refusal.context),
        "repair": Repair.NONE.value if unknown else Repair.CORRECT.value,
        "errors": [],
        "receipt": _receipt(reply, at=at),
        "result": None,
    }


def _receipt(reply: Reply, *, at: datetime) -> str | None:
    read = reply.read
    if read is None:
        return None
    return issued(
        {
            "id": str(read.id),
            "hash": read.hash,
            "device": read.device,
            "sequence": read.sequence,
            "outcome": REFUSED,
            "at": at.isoformat(),
        }
    )


def anchored_output(anchored: Anchored) -> Json:
    """What a device is told; amounts in dirhams, instants of the server."""
    limits, chain = anchored.limits, anchored.chain
    return {
        "anchor": anchored.token,
        "at": anchored.at.isoformat(),
        "seal_key": seal_jwk(),
        "sealing_key": sealing_jwk(),
        "limits": {
            "minutes": int(limits.time.total_seconds()) // 60,
            "sheets": limits.sheets,
            "amount": format_dirhams(limits.amount),
            "insured_day": format_dirhams(limits.insured_day),
            "box": format_dirhams(limits.box),
            "warning": format_rate(anchored.warning_bp),
        },
        "outages": [
            {
                "code": outage.code,
                "since": outage.since.isoformat(),
                "until": outage.until.isoformat() if outage.until else None,
            }
            for outage in anchored.outages
        ],
        "chain": {"sequence": chain.sequence, "hash": chain.hash},
        "pack": _pack(selectors.latest_pack()),
        "send_window_seconds": settings.SEND_WINDOW_SECONDS,
    }


def _pack(pack: Pack | None) -> Json | None:
    if pack is None:
        return None
    parts: Sequence[Json] = pack.manifest["parts"]
    return {
        "id": str(pack.pk),
        "made_at": pack.made_at.isoformat(),
        "bytes": sum(part["compressed"] for part in parts),
    }
