"""What an agent decides of an envelope that waits: each with a reason, each told to its device."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.services import ReasonMissing
from core.errors import DomainError
from providers.permissions import OUTAGE_ROLES
from sync.models import DeviceChain, Envelope, IncidentKind
from sync.services._refusals import Gap, RefusedByAgent
from sync.services._settling import S, decide, locked_chain, settle, settle_chain, tell


class NotOfflineAgent(DomainError):
    """Only the fund's agents decide of what offline devices sent."""

    code = "NOT_OFFLINE_AGENT"
    status = 403
    message = _("Seul un agent de la caisse décide de ces envois. Rien n’a été modifié.")


class EnvelopeDecided(DomainError):
    """Somebody, or the server, decided first."""

    code = "ENVELOPE_DECIDED"
    message = _("Cette enveloppe n’attend plus : son état est « %(state)s ». Rien n’a été modifié.")


def release_envelope(*, envelope: Envelope, reason: str, by: Any, at: datetime) -> Envelope:
    """Apply an envelope that a person answers for: quarantined, in conflict, or held.

    A fork released that continues the chain takes its place. The services still refuse what is wrong in
    the document itself. Raises NotOfflineAgent, ReasonMissing, EnvelopeDecided.
    """
    said = _checked(by, reason)
    with transaction.atomic():
        chain, locked = _locked(envelope)
        if locked.state == S.HELD and not locked.in_chain:
            _pass_gap(chain, locked, by=by, at=at, reason=said)
        if locked.is_fork:
            _take_place(chain, locked)
        settle(locked, chain, at=at, by=by, reason=said, vouched=True)
    settle_chain(envelope.device_id, at=at)
    return locked


def refuse_envelope(*, envelope: Envelope, reason: str, by: Any, at: datetime) -> Envelope:
    """Refuse an envelope that waits, for good; its user is told why.

    Raises NotOfflineAgent, ReasonMissing, EnvelopeDecided.
    """
    said = _checked(by, reason)
    with transaction.atomic():
        chain, locked = _locked(envelope)
        if locked.state == S.HELD:
            _pass_gap(chain, locked, by=by, at=at, reason=said)
            decide(locked, S.QUARANTINED, Gap(expected=locked.sequence), at=at, by=by, reason=said)
        decide(locked, S.REJECTED, RefusedByAgent(reason=said), at=at, by=by, reason=said)
    settle_chain(envelope.device_id, at=at)
    return locked


def _checked(by: Any, reason: str) -> str:
    if by.role not in OUTAGE_ROLES:
        raise NotOfflineAgent
    if not reason.strip():
        raise ReasonMissing(pointer="reason")
    return reason.strip()


def _locked(envelope: Envelope) -> tuple[DeviceChain, Envelope]:
    chain = locked_chain(envelope.device_id)
    locked = (
        Envelope.objects.select_for_update(of=("self",))
        .select_related("device", "device__user", "device__provider")
        .get(pk=envelope.pk)
    )
    if locked.state not in (S.HELD, S.CONFLICT, S.QUARANTINED):
        raise EnvelopeDecided(state=locked.get_state_display())
    return chain, locked


def _pass_gap(
    chain: DeviceChain, envelope: Envelope, *, by: Any, at: datetime, reason: str
) -> None:
    """Go on after what is missing: the chain continues with this envelope, and it is told."""
    if envelope.in_chain:
        return
    detail = {"missing_from": chain.sequence + 1, "missing_to": envelope.sequence - 1}
    tell(IncidentKind.GAP_FORCED, envelope=envelope, at=at, digest=str(envelope.pk), detail=detail)
    envelope.in_chain = True
    _continue(chain, envelope)


def _take_place(chain: DeviceChain, envelope: Envelope) -> None:
    """A fork that is released: its device goes on from it, if nothing holds its place."""
    held = Envelope.objects.filter(
        device_id=envelope.device_id, sequence=envelope.sequence, is_fork=False
    )
    envelope.is_fork = held.exists()
    _continue(chain, envelope)


def _continue(chain: DeviceChain, envelope: Envelope) -> None:
    if envelope.sequence >= chain.sequence:
        chain.sequence, chain.hash = envelope.sequence, envelope.hash
        chain.save(update_fields=["sequence", "hash"])
