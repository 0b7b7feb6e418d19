"""A dispensing corrected after the hand-over: taken back, replaced by a new version, or disputed."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from accounts.services import ReasonMissing
from core import transitions
from core.signatures import SignedDocument
from prescriptions import selectors
from prescriptions.intake import DispensingDraft
from prescriptions.models import DispensedItem, DispensedPack, Dispensing
from prescriptions.permissions import CORRECTING_ROLES
from prescriptions.rules import lines as rules
from prescriptions.rules.lines import OPEN
from prescriptions.services._dispensing import apply_lines, check_hand_over, write_dispensing
from prescriptions.services._offline import share_out_again
from prescriptions.services._refusals import PrescriptionNotFound
from prescriptions.services._standing import (
    Sheet,
    check_command,
    is_over,
    is_struck,
    locked_key,
)
from prescriptions.services._state_refusals import (
    CorrectionTooLate,
    DispensingReplaced,
    DisputeTooLate,
    NotYourDispensing,
)
from prescriptions.states import DISPENSING_MACHINE, DispensingState, LineState
from providers.models import Device

D = DispensingState


def check_correction(
    command: str, dispensing: Dispensing, *, pharmacy_id: UUID | None, at: datetime
) -> None:
    """Check that a dispensing may still be corrected; `pharmacy_id` is None for an office.

    Raises NotYourDispensing, DispensingReplaced, CorrectionTooLate.
    """
    if pharmacy_id is not None and dispensing.pharmacy_id != pharmacy_id:
        raise NotYourDispensing
    if not DISPENSING_MACHINE.accepts(command, dispensing.state):
        raise DispensingReplaced(state=dispensing.get_state_display())
    if pharmacy_id is not None:
        last = _last_day(dispensing, "dispensing_correction_days")
        if localdate(at) > last:
            raise CorrectionTooLate(day=f"{last:%d/%m/%Y}")


def _last_day(dispensing: Dispensing, delay: str) -> date:
    first = localdate(dispensing.received_at)
    return first + timedelta(days=selectors.delay(delay, first))


def take_back_dispensing(
    *, dispensing: Dispensing, pharmacy_id: UUID | None, by: Any, at: datetime, reason: str
) -> None:
    """Give the boxes of a dispensing back to its prescription, in the transaction that takes back its claim.

    Raises what `check_correction` does, and the refusal of a prescription that somebody holds.
    """
    sheet = locked_key(dispensing.prescription_id, at=at)
    dispensing.refresh_from_db(fields=["state"])
    check_correction("reverse", dispensing, pharmacy_id=pharmacy_id, at=at)
    check_command("reverse", sheet)
    transitions.move(dispensing, D.REVERSED, by=by, at=at, reason=reason)
    _give_back(sheet, dispensing, by=by, at=at, closed=_closed(sheet, at), shared=True)
    sheet.move(sheet.header, by=by, at=at, reason=reason)
    sheet.record("dispensing.reversed", by=by, at=at, dispensing=str(dispensing.pk), reason=reason)


def _give_back(
    sheet: Sheet,
    dispensing: Dispensing,
    *,
    by: Any,
    at: datetime,
    closed: str = "",
    shared: bool = False,
) -> None:
    """Return boxes, packs and answers; lines open again, unless `closed`: nobody may ask for them.

    Nor for the rest of a line that the prescriber cancelled by itself. `shared`: what another pharmacy
    gave beyond the prescription, with no network, takes the place of what comes back.
    """
    handed = {each.item_id: each.boxes - each.boxes_beyond for each in dispensing.items.all()}
    answered = set(dispensing.outcomes.values_list("item_id", flat=True)) | set(handed)
    DispensedPack.objects.filter(dispensed__dispensing=dispensing).update(given_back=True)
    touched = [item for item in sheet.items if item.pk in answered]
    for item in touched:
        item.boxes_dispensed -= handed.get(item.pk, 0)
    if shared:
        share_out_again(touched)
    sheet.count(touched)
    targets = {
        item.pk: rules.taken_back(
            sheet.line(item), closed=closed or (LineState.CANCELLED if is_struck(item) else "")
        )
        for item in touched
        if not (shared and item.state == LineState.DISPENSED and not item.boxes_left)
    }
    sheet.move_lines(targets, by=by, at=at)


def _closed(sheet: Sheet, at: datetime) -> str:
    if sheet.prescription.cancel_asked_at is not None:
        return LineState.CANCELLED
    return LineState.EXPIRED if is_over(sheet.prescription, at) else ""


def replace_dispensing(
    *,
    old: Dispensing,
    draft: DispensingDraft,
    signed: SignedDocument,
    device: Device,
    by: Any,
    at: datetime,
) -> Dispensing:
    """Record a new version of a dispensing; the old one is kept and says so.

    In the transaction that replaces its claim. Raises what `check_correction` does, EntriesRefused, and
    the refusal of a prescription that somebody holds.
    """
    sheet = locked_key(old.prescription_id, at=at)
    old.refresh_from_db(fields=["state"])
    check_correction("amend", old, pharmacy_id=device.provider_id, at=at)
    check_command("amend", sheet)
    struck = [item for item in sheet.items if item.boxes_dispensed and is_struck(item)]
    for item in struck:
        item.refusal = ""  # what was handed over is written anew; the rest is struck again below
    _give_back(sheet, old, by=by, at=at)
    medicines = check_hand_over(draft, sheet, device.provider, at=at)
    transitions.move(old, D.AMENDED, by=by, at=at)
    new = write_dispensing(
        draft,
        signed,
        device,
        sheet,
        medicines,
        by=by,
        at=at,
        replaces=old,
        handed_over_at=old.handed_over_at,
    )
    apply_lines(draft, sheet, new, by=by, at=at)
    _share_freed(sheet, old, by=by, at=at)
    sheet.each(rules.handed_over, by=by, at=at, leaving=device.provider_id)
    sheet.strike([item for item in struck if item.state in OPEN], by=by, at=at)
    closed = _closed(sheet, at)
    if closed:
        rule = rules.cancelled if closed == LineState.CANCELLED else rules.expired
        sheet.each(rule, by=by, at=at)
    sheet.move(sheet.header, by=by, at=at, reason="amended")
    sheet.record("dispensing.amended", by=by, at=at, old=str(old.pk), new=str(new.pk))
    return new


def _share_freed(sheet: Sheet, old: Dispensing, *, by: Any, at: datetime) -> None:
    """What a new version no longer gives is first for who gave it too, with no network."""
    touched = set(old.items.values_list("item_id", flat=True))
    beyond = DispensedItem.objects.filter(item_id__in=touched, boxes_beyond__gt=0)
    items = [item for item in sheet.items if item.pk in set(beyond.values_list("item", flat=True))]
    share_out_again(items)
    sheet.count(items)
    filled = [item for item in items if item.state in OPEN and not item.boxes_left]
    sheet.move_lines({item.pk: LineState.DISPENSED for item in filled}, by=by, at=at)


def dispute_dispensing(*, dispensing_id: UUID, by: Any, at: datetime) -> Dispensing:
    """Say « I did not receive this », by the insured person. Saying it again changes nothing.

    Raises PrescriptionNotFound, another family's included, DispensingReplaced, DisputeTooLate.
    """
    with transaction.atomic():
        dispensing = _locked_dispensing(dispensing_id)
        if dispensing is None or dispensing.insured.user_id != by.pk:
            raise PrescriptionNotFound
        if dispensing.state == D.DISPUTED:
            return dispensing
        if not DISPENSING_MACHINE.accepts("dispute", dispensing.state):
            raise DispensingReplaced(state=dispensing.get_state_display())
        last = _last_day(dispensing, "dispute_days")
        if localdate(at) > last:
            raise DisputeTooLate(day=f"{last:%d/%m/%Y}")
        transitions.move(dispensing, D.DISPUTED, by=by, at=at)
        Sheet(dispensing.prescription).record(
            "dispensing.disputed", by=by, at=at, dispensing=str(dispensing.pk)
        )
    return dispensing


def confirm_dispensing(*, dispensing_id: UUID, reason: str, by: Any, at: datetime) -> Dispensing:
    """Close a dispute in favour of the pharmacy, by an agent who keeps the evidence.

    Raises PrescriptionNotFound, NotYourDispensing, ReasonMissing, DispensingReplaced.
    """
    if by.role not in CORRECTING_ROLES:
        raise NotYourDispensing
    if not reason.strip():
        raise ReasonMissing(pointer="/reason")
    with transaction.atomic():
        dispensing = _locked_dispensing(dispensing_id)
        if dispensing is None:
            raise PrescriptionNotFound
        if not DISPENSING_MACHINE.accepts("confirm", dispensing.state):
            raise DispensingReplaced(state=dispensing.get_state_display())
        transitions.move(dispensing, D.HANDED_OVER, by=by, at=at, reason=reason)
        Sheet(dispensing.prescription).record(
            "dispensing.confirmed", by=by, at=at, dispensing=str(dispensing.pk), reason=reason
        )
    return dispensing


def _locked_dispensing(key: UUID) -> Dispensing | None:
    return (
        Dispensing.objects.select_for_update(of=("self",))
        .select_related("insured", "prescription")
        .filter(pk=key)
        .first()
    )
