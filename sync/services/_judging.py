"""Whether an envelope whose turn has come may be believed: its key, its time, its limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from providers.intake import Offline
from providers.models import Device
from providers.states import DeviceState
from sync import selectors
from sync.gateways import NotOpened, read_issued
from sync.intake import ReadEnvelope
from sync.models import DeviceChain, Envelope
from sync.rules.limits import Limit, Load, passed
from sync.rules.plausible_time import Evidence, Fault, Flag, Plausible, plausible
from sync.services._documents import Content
from sync.services._refusals import (
    AmountLimitPassed,
    AnchorInvalid,
    ClockAhead,
    ClockBackwards,
    ClockBeforeAnchor,
    DayImplausible,
    DeviceStolen,
    DeviceStopped,
    DeviceSuspended,
    InsuredDayLimitPassed,
    LimitPassed,
    ProductNotOffline,
    SheetsLimitPassed,
    Suspect,
    TimeLimitPassed,
)

_FAULTS: Mapping[Fault, type[Suspect]] = {
    Fault.AHEAD: ClockAhead,
    Fault.BEFORE_ANCHOR: ClockBeforeAnchor,
    Fault.BACKWARDS: ClockBackwards,
}
_LIMITS: Mapping[Limit, type[LimitPassed]] = {
    Limit.TIME: TimeLimitPassed,
    Limit.SHEETS: SheetsLimitPassed,
    Limit.AMOUNT: AmountLimitPassed,
    Limit.INSURED_DAY: InsuredDayLimitPassed,
    Limit.PRODUCT: ProductNotOffline,
}


@dataclass(frozen=True, slots=True)
class Anchor:
    """The server's signed word that an envelope carries."""

    id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Timed:
    """When an envelope was signed, and what its device knew by then."""

    anchor: Anchor | None
    time: Plausible
    learnt_at: datetime

    def offline(self, envelope: Envelope, *, code: str | None, vouched: bool) -> Offline:
        """Return what the rooms below are told."""
        return Offline(
            signed_at=self.time.counts,
            received_at=envelope.received_at,
            learnt_at=self.learnt_at,
            code=code,
            vouched=vouched,
        )


def timed(
    read: ReadEnvelope, envelope: Envelope, chain: DeviceChain, *, vouched: bool = False
) -> Timed:
    """Return when an envelope was signed. `vouched`: a person answers for what cannot be believed.

    Raises AnchorInvalid, ClockAhead, ClockBeforeAnchor, ClockBackwards.
    """
    anchor = _anchor(read, envelope, vouched=vouched)
    evidence = Evidence(
        wall=read.wall,
        anchored_at=anchor.at if anchor else None,
        elapsed=None if read.elapsed_ms is None else timedelta(milliseconds=read.elapsed_ms),
        # A place passed before, by an agent or by a wait, is not measured against what followed.
        reached_at=chain.reached_at if read.sequence == chain.sequence + 1 else None,
        arrived_at=envelope.received_at,
    )
    found = plausible(evidence, selectors.tolerance_on(localdate(envelope.received_at)))
    if isinstance(found, Fault):
        if not vouched:
            raise _FAULTS[found]
        found = _widest(evidence)
    learnt_at = anchor.at if anchor else envelope.device.enrolled_at
    return Timed(anchor, found, learnt_at)


def _widest(evidence: Evidence) -> Plausible:
    """All the time there was: from the last thing known to the arrival, which counts."""
    known = [each for each in (evidence.anchored_at, evidence.reached_at) if each is not None]
    earliest = min([*known, evidence.arrived_at])
    return Plausible(earliest, evidence.arrived_at, evidence.arrived_at, (Flag.SKEWED,))


def _anchor(read: ReadEnvelope, envelope: Envelope, *, vouched: bool) -> Anchor | None:
    if read.anchor is None:
        return None
    try:
        said: dict[str, Any] = read_issued(read.anchor)
        anchor = Anchor(UUID(said["id"]), datetime.fromisoformat(said["at"]))
        genuine = said["device"] == read.device and anchor.at <= envelope.received_at
    except (NotOpened, KeyError, ValueError, TypeError):
        genuine = False
    if genuine:
        return anchor
    if vouched:
        return None
    raise AnchorInvalid


def check_key(device: Device, when: Plausible) -> None:
    """Raise DeviceStolen, DeviceSuspended or DeviceStopped unless the key was surely valid then.

    A stolen device's clock proves nothing: whatever arrives after the theft was declared waits.
    """
    if device.stolen:
        raise DeviceStolen
    if not device.is_valid_at(when.latest):
        raise DeviceSuspended if device.state == DeviceState.SUSPENDED else DeviceStopped


def check_days(content: Content, when: Plausible) -> None:
    """Raise DayImplausible unless the document's days are those of its signature."""
    first, last = localdate(when.earliest), localdate(when.latest)
    wrong = [day for day in content.days if not first <= day <= last]
    if content.not_after is not None and content.not_after > last:
        wrong.append(content.not_after)
    if wrong:
        said = {"day": f"{wrong[0]:%d/%m/%Y}", "first": f"{first:%d/%m/%Y}"}
        raise DayImplausible(**said, last=f"{last:%d/%m/%Y}")


def check_limits(envelope: Envelope, content: Content, when: Timed) -> None:
    """Raise the refusal of the first limit of the law that the device passed."""
    device, signed_at = envelope.device, when.time.counts
    day = localdate(signed_at)
    anchored_at = when.anchor.at if when.anchor else None
    since = anchored_at or signed_at
    sheets, amount = selectors.load_before(envelope, when.anchor.id if when.anchor else None)
    insured = content.insured_id
    of_day = selectors.charged_offline(insured, day=day, but=envelope) if insured else 0
    load = Load(
        anchored_at=anchored_at,
        signed_at=signed_at,
        sheets=sheets + 1,
        amount=amount + content.charged,
        insured_day=of_day + content.charged,
        box=selectors.dearest_box(content.eans, day=day),
        has_narcotic=selectors.any_narcotic(content.eans, content.substances, day=day),
    )
    in_outage = selectors.was_out(device, between=(since, signed_at))
    limit = passed(load, selectors.limits_of(device, day=day, in_outage=in_outage))
    if limit is not None:
        raise _LIMITS[limit]
