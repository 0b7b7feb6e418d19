"""Reading what offline devices sent, and what the law lets them do."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils.timezone import localdate

from claims.models import Claim, ClaimLine
from claims.selectors import law
from claims.states import ClaimState
from prescriptions.models import (
    DispensedItem,
    DispensedPack,
    Dispensing,
    Medicine,
    MedicinePrice,
    Prescription,
)
from prescriptions.rules.controlled import PoisonTable
from prescriptions.selectors import writing
from prescriptions.states import STANDING
from providers.models import Device, Outage
from providers.selectors import outages_since
from sync.models import Envelope, Incident
from sync.rules.limits import Limits
from sync.rules.plausible_time import Tolerance
from sync.states import EnvelopeState

WITHOUT_EFFECT = (ClaimState.DENIED, ClaimState.CANCELLED, ClaimState.REVERSED)
WAITING = (EnvelopeState.RECEIVED, EnvelopeState.HELD)


def tolerance_on(day: date) -> Tolerance:
    """Return how far clocks may part, by the law of a day."""
    numbers = law().at(day).numbers("offline.clock")
    return Tolerance(timedelta(seconds=numbers["drift"]), timedelta(seconds=numbers["margin"]))


def limits_of(device: Device, *, day: date, in_outage: bool) -> Limits:
    """Return what a device may do with no network, by the law of a day."""
    of_day = law().at(day)
    numbers = of_day.numbers("offline.limits")
    contact = numbers["contact_in_outage" if in_outage else "contact"]
    return Limits(
        time=timedelta(minutes=contact),
        sheets=numbers["sheets"],
        amount=of_day.number(f"offline_amounts.device.{device.provider.kind}"),
        insured_day=numbers["insured_day"],
        box=numbers["box"],
    )


def warning_bp(day: date) -> int:
    """Return the share of a limit at which a device warns, in basis points."""
    return law().at(day).numbers("offline.limits")["warning"]


def good_faith_centimes(day: date) -> int:
    """Return what is paid without a person for boxes handed over twice."""
    return law().at(day).number("offline.good_faith")


def delay(name: str, day: date) -> int:
    """Return a delay of the law."""
    return law().at(day).delay(name)


def outages_of(device: Device, *, since: date) -> list[Outage]:
    """Return the declared outages of a device's zone that touch a day or later ones."""
    return outages_since(since, territory_id=device.provider.territory_id)


def was_out(device: Device, *, between: tuple[datetime, datetime]) -> bool:
    """Tell whether an outage was declared in the device's zone at some moment between two instants."""
    first, last = between
    return any(
        outage.since <= last and (outage.until is None or outage.until >= first)
        for outage in outages_of(device, since=localdate(first))
    )


def load_before(envelope: Envelope, anchor_id: UUID | None) -> tuple[int, int]:
    """Return how many other envelopes of its device were judged under one anchor, and their amount."""
    judged = Envelope.objects.filter(
        device_id=envelope.device_id, anchor_id=anchor_id, signed_at__isnull=False
    ).exclude(pk=envelope.pk)
    total = judged.aggregate(total=Sum("charged_centimes"))["total"]
    return judged.count(), total or 0


def charged_offline(insured_id: UUID, *, day: date, but: Envelope) -> int:
    """Return the centimes that other offline documents charged for a household on a day."""
    sent = Envelope.objects.filter(insured_id=insured_id, signed_at__date=day).exclude(pk=but.pk)
    return sent.aggregate(total=Sum("charged_centimes"))["total"] or 0


def dearest_box(eans: Collection[str], *, day: date) -> int:
    """Return the public price of the dearest of these medicines on a day, in centimes."""
    prices = MedicinePrice.objects.filter(medicine__ean__in=eans, period__contains=day)
    known = prices.values_list("public_price_centimes", "base_price_centimes")
    return max((public or base or 0 for public, base in known), default=0)


def any_narcotic(eans: Collection[str], substances: Iterable[str], *, day: date) -> bool:
    """Tell whether one of these medicines or substances is a narcotic on a day."""
    inns = {*substances, *Medicine.objects.filter(ean__in=eans).values_list("inn", flat=True)}
    return any(writing.control(inn, day).table == PoisonTable.NARCOTIC for inn in inns if inn)


def same_care(
    *, fse_number: str, provider_id: UUID, lines: Iterable[tuple[str, date, int, int]]
) -> Claim | None:
    """Return a living claim of a provider for the same acts, under the same sheet's number.

    `lines`: act, day, quantity and charge in centimes of each line.
    """
    wanted = sorted(lines)
    claims = Claim.objects.filter(
        sheet__fse_number=fse_number, provider_id=provider_id, kind=Claim.Kind.CARE
    ).exclude(state__in=WITHOUT_EFFECT)
    for claim in claims.order_by("received_at", "id"):
        rows = ClaimLine.objects.filter(claim=claim).values_list(
            "act__code", "care_date", "quantity", "charged_centimes"
        )
        if sorted(rows) == wanted:
            return claim
    return None


def same_hand_over(
    *,
    fse_number: str,
    instance: int | None,
    pharmacy_id: UUID,
    day: date,
    lines: Iterable[tuple[int, str, int]],
    serials: Collection[str],
) -> Claim | None:
    """Return the living claim of a pharmacy's dispensing of the same boxes on the same day.

    `lines`: position, EAN and boxes of each line that hands something over; `serials`: of their packs.
    Packs that all bear other serials are other boxes: the rest of a line may be given the same day.
    """
    wanted = sorted(lines)
    claims = Claim.objects.filter(
        dispensing__prescription__fse_number=fse_number,
        dispensing__pharmacy_id=pharmacy_id,
        dispensing__dispensed_on=day,
    ).exclude(state__in=WITHOUT_EFFECT)
    if instance is not None:
        claims = claims.filter(dispensing__prescription__instance=instance)
    for claim in claims.order_by("received_at", "id"):
        rows = DispensedItem.objects.filter(dispensing_id=claim.dispensing_id).values_list(
            "item__position", "medicine__ean", "boxes"
        )
        if sorted(rows) == wanted and not _are_other_packs(serials, claim):
            return claim
    return None


def is_the_rest(earlier: Claim, *, device_id: UUID, lines: Iterable[tuple[int, int]]) -> bool:
    """Tell whether boxes equal to those of a hand-over may be the rest of it, and not the same again.

    The very device that signed the first in an envelope signs another, and enough is left of every line.
    `lines`: position and boxes.
    """
    if not Envelope.objects.filter(claim=earlier, device_id=device_id).exists():
        return False
    prescription = Prescription.objects.get(dispensings__claim=earlier)
    left = {item.position: item.boxes_left for item in prescription.items.all()}
    return all(boxes <= left.get(position, 0) for position, boxes in lines)


def _are_other_packs(serials: Collection[str], claim: Claim) -> bool:
    packs = DispensedPack.objects.filter(dispensed__dispensing_id=claim.dispensing_id)
    known = set(packs.exclude(serial="").values_list("serial", flat=True))
    return bool(serials and known) and known.isdisjoint(serials)


def beyond_of(fse_number: str) -> list[DispensedItem]:
    """Return what was handed over beyond a prescription, oldest hand-over first."""
    return list(
        DispensedItem.objects.filter(
            dispensing__prescription__fse_number=fse_number,
            dispensing__state__in=STANDING,
            boxes_beyond__gt=0,
        )
        .select_related("dispensing", "dispensing__claim")
        .order_by("dispensing__received_at", "id")
    )


def pharmacies_of(fse_number: str) -> list[UUID]:
    """Return the pharmacies of each standing dispensing of a prescription."""
    handed = Dispensing.objects.filter(prescription__fse_number=fse_number, state__in=STANDING)
    return list(handed.values_list("pharmacy_id", flat=True))


def envelopes_named(ids: Collection[UUID]) -> dict[UUID, Envelope]:
    """Return envelopes by id; what is unknown is left out."""
    found = Envelope.objects.filter(id__in=ids).select_related("device", "device__user")
    return {each.pk: each for each in found}


def envelopes_to_decide() -> QuerySet[Envelope]:
    """Return what waits for a person: held, in conflict, quarantined; the oldest first."""
    waits = (EnvelopeState.HELD, EnvelopeState.CONFLICT, EnvelopeState.QUARANTINED)
    return Envelope.objects.filter(state__in=waits).order_by("received_at", "id")


def incidents_of(envelope: Envelope) -> list[Incident]:
    """Return what was strange about an envelope, oldest first."""
    return list(envelope.incidents.order_by("at", "id"))


def devices_with_waiting(*, limit: int) -> list[Any]:
    """Return the keys of devices that have envelopes received and not yet looked at."""
    waiting = Envelope.objects.filter(state=EnvelopeState.RECEIVED)
    return list(waiting.values_list("device_id", flat=True).distinct()[:limit])


def awaiting_prescription(*, received_before: datetime, limit: int) -> list[Envelope]:
    """Return the envelopes that waited for a prescription which has come, or that were received before an
    instant; oldest first."""
    come = Prescription.objects.filter(fse_number=OuterRef("fse_number"))
    held = Envelope.objects.filter(
        Exists(come) | Q(received_at__lt=received_before), state=EnvelopeState.HELD, in_chain=True
    )
    return list(held.select_related("device").order_by("received_at", "id")[:limit])
