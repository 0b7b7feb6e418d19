"""What was handed over with no network: the boxes are out, so it is recorded, and shared out by time."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from core.errors import DomainError, refuse_all
from core.signatures import SignedDocument
from prescriptions.intake import DispensedLine, DispensingDraft
from prescriptions.models import DispensedItem, Dispensing, Medicine, PrescribedItem, Prescription
from prescriptions.rules import lines as rules
from prescriptions.rules.lines import OPEN
from prescriptions.rules.sharing import HandedOver, share_out
from prescriptions.services._custody import Answer, check_pharmacy, reserve, say
from prescriptions.services._dispensing import (
    ANSWERS,
    circumstances,
    not_what_was_prescribed,
    outcome_of,
    pack_refusals,
    paid_packs,
    write_dispensing,
)
from prescriptions.services._dispensing import medicines_by_ean as medicines_named
from prescriptions.services._refusals import LineNotPrescribed, TooManyBoxes
from prescriptions.services._standing import (
    NO_CUSTODY,
    P,
    Sheet,
    check_command,
    end_custody,
    locked,
    refusal_of,
)
from prescriptions.states import LINE_MACHINE, STANDING, LineState
from providers.intake import Offline
from providers.models import Device, Provider

SYNC = "system:sync"


def record_offline_dispensing(
    *,
    draft: DispensingDraft,
    signed: SignedDocument,
    device: Device,
    offline: Offline,
    by: Any,
    at: datetime,
) -> Dispensing:
    """Record what a pharmacy handed over with no network, in the caller's transaction.

    No custody is asked: the code opened it. A lease of somebody else ends. A prescription that ended
    since (validity over after the hand-over, cancellation the device could not know) still gives what
    was handed over. Boxes that another pharmacy gave first are beyond the prescription: kept apart and
    paid. Raises NotAPharmacy, PrescriptionNotFound, EntriesRefused and the refusals of a prescription
    on hold, written by error, or cancelled before the device's last contact.
    """
    check_pharmacy(device.provider, "/document/provider")
    sheet = locked(draft.fse_number, at=at, instance=draft.instance)
    if sheet.prescription.custodian_id not in (None, device.provider_id):
        end_custody(sheet, by=SYNC, at=at, reason="OFFLINE_HAND_OVER")
    _check_state(sheet, offline)
    medicines = _check_hand_over(draft, sheet, device.provider, at=at)
    given = {line.position for line in draft.given}
    items = [item for item in sheet.items if item.position in given]
    if any(LINE_MACHINE.accepts("custody", item.state) for item in items):
        reserve(sheet, items, by=by, at=at)
    dispensing = write_dispensing(
        draft, signed, device, sheet, medicines, by=by, at=at, handed_over_at=offline.signed_at
    )
    share_out_again(items)
    _move_lines(draft, sheet, dispensing, by=by, at=at)
    cancelling = sheet.state == P.CANCEL_PENDING
    sheet.each(rules.handed_over, by=by, at=at, leaving=device.provider_id)
    if cancelling:
        sheet.each(rules.cancelled, by=by, at=at)
    sheet.move(sheet.header, by=by, at=at, reason="offline", **NO_CUSTODY)
    return dispensing


def _check_state(sheet: Sheet, offline: Offline) -> None:
    """Refuse what the device could have known, and what no offline hand-over may override."""
    prescription = sheet.prescription
    asked = prescription.cancel_asked_at
    if sheet.state == P.CANCELLED and (asked is None or asked <= offline.learnt_at):
        raise refusal_of(sheet)
    check_command("dispense_offline", sheet)


def _check_hand_over(
    draft: DispensingDraft, sheet: Sheet, pharmacy: Provider, *, at: datetime
) -> dict[str, Medicine]:
    """Return the medicines by EAN, or refuse everything wrong at once.

    The boxes left are not asked: what somebody else gave meanwhile could not be known.
    """
    errors = circumstances(draft, sheet.prescription, pharmacy, at)
    medicines = medicines_named(draft, errors)
    items = {item.position: item for item in sheet.items}
    for index, line in enumerate(draft.lines):
        pointer, scanned = f"/document/lines/{index}", medicines.get(line.ean or "")
        if line.boxes and scanned is None:
            continue  # told already: the code is unknown
        day = draft.dispensed_on
        errors += _line_refusals(pointer, line, items.get(line.position), scanned, day)
        errors += pack_refusals(pointer, line, scanned, day)
    errors += paid_packs(draft, medicines, None)
    refuse_all(errors)
    return medicines


def _line_refusals(
    pointer: str,
    line: DispensedLine,
    item: PrescribedItem | None,
    scanned: Medicine | None,
    day: date,
) -> list[DomainError]:
    if item is None:
        label = scanned.label if scanned else str(line.position)
        return [LineNotPrescribed(pointer=f"{pointer}/position", label=label)]
    if scanned is not None and (wrong := not_what_was_prescribed(item, scanned, day)):
        return [wrong(pointer=f"{pointer}/ean", label=scanned.label)]
    if line.boxes > item.boxes:
        return [TooManyBoxes(pointer=f"{pointer}/boxes", left=item.boxes, asked=line.boxes)]
    return []


def share_out_again(items: Sequence[PrescribedItem]) -> None:
    """Give the boxes prescribed to who handed over first; the rest is beyond. Lines in memory follow.

    Of standing dispensings: when the first is taken back, the next one has its boxes.
    """
    for item in items:
        handed = list(
            DispensedItem.objects.filter(item=item, dispensing__state__in=STANDING)
            .select_related("dispensing")
            .order_by("dispensing__received_at", "id")
        )
        moments = [HandedOver(_first_given(each.dispensing), each.boxes) for each in handed]
        for each, beyond in zip(handed, share_out(item.boxes, moments), strict=True):
            each.boxes_beyond = beyond
        DispensedItem.objects.bulk_update(handed, ["boxes_beyond"])
        item.boxes_dispensed = sum(each.boxes - each.boxes_beyond for each in handed)


def _first_given(dispensing: Dispensing) -> datetime:
    """When the boxes went out: a new version of a hand-over is as old as its first one."""
    while dispensing.replaces is not None:
        dispensing = dispensing.replaces
    return dispensing.handed_over_at or dispensing.received_at


def _move_lines(
    draft: DispensingDraft, sheet: Sheet, dispensing: Dispensing, *, by: Any, at: datetime
) -> None:
    items = {item.position: item for item in sheet.items}
    targets, said = {}, []
    for line in draft.lines:
        item = items[line.position]
        outcome = _outcome(line, item)
        if outcome is None:
            continue
        reason = line.reason if outcome in ANSWERS else None
        targets[item.pk] = LineState(outcome)
        item.refusal = reason or ""
        item.answered_by_id = dispensing.pharmacy_id if outcome in ANSWERS else None
        said.append(Answer(line.position, outcome, reason or ""))
    sheet.count(sheet.items)
    sheet.move_lines(targets, by=by, at=at)
    say(sheet, said, pharmacy=dispensing.pharmacy, at=at, dispensing=dispensing)


def _outcome(line: DispensedLine, item: PrescribedItem) -> str | None:
    """Where a line goes: a closed one of which boxes were given is dispensed, a late proof; what was only
    answered of it changes nothing. An open one, as its document says, unless nothing is left of it."""
    if item.state not in OPEN:
        return LineState.DISPENSED if line.boxes else None
    if line.boxes or line.outcome is None:
        return outcome_of(item)
    return line.outcome


def hold_for_mismatch(*, fse_number: str, until: datetime, at: datetime) -> None:
    """Suspend every open instance of a prescription whose signed document is not what its code said."""
    for found in Prescription.objects.filter(fse_number=fse_number).order_by("instance"):
        sheet = locked(fse_number, at=at, instance=found.instance)
        if sheet.prescription.custodian_id is not None:
            end_custody(sheet, by=SYNC, at=at, reason="CODE_DIFFERS")
        if sheet.state in (P.ACTIVE, P.SCHEDULED, P.PARTLY_DISPENSED):
            sheet.move(
                P.ON_HOLD,
                by=SYNC,
                at=at,
                reason="CODE_DIFFERS",
                hold_until=until,
                hold_office="FRAUD_OFFICER",
            )
            sheet.record("prescription.held", by=SYNC, at=at, reason="CODE_DIFFERS")
