"""Ending a prescription before its time: cancelled, written by error, remainder given up, suspended."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db import transaction
from django.utils.timezone import localdate

from accounts.services import ReasonMissing
from prescriptions import selectors
from prescriptions.models import PrescribedItem, Prescription
from prescriptions.permissions import HOLDING_ROLES
from prescriptions.rules import lines as rules
from prescriptions.services._refusals import NotTheAuthor, PrescriptionNotFound
from prescriptions.services._standing import (
    NO_CUSTODY,
    NO_HOLD,
    P,
    Sheet,
    check_command,
    is_struck,
    lift,
    locked,
    refusal_of,
)
from prescriptions.services._state_refusals import (
    LineNotCancellable,
    NotAHoldingOfficer,
    NothingGiven,
    NotYourPrescription,
    OtherOffice,
    PositionUnknown,
    SomethingGiven,
)
from prescriptions.states import LINE_MACHINE, PRESCRIPTION_MACHINE, LineState
from providers.selectors import membership_on

CancellationOutcome = Literal["CANCELLED", "PENDING", "REST_CANCELLED", "LINES_CANCELLED"]


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What a request to cancel came to: at once, once the counter answers, or for what was left.

    `given`: the lines of which something was handed over, for the prescriber to know.
    """

    prescription: Prescription
    outcome: CancellationOutcome
    given: list[PrescribedItem] = field(default_factory=list)


def cancel_prescription(
    *,
    fse_number: str,
    reason: str,
    by: Any,
    at: datetime,
    positions: Sequence[int] = (),
) -> Cancellation:
    """Cancel a prescription with its instances to come, or some of its lines, by the practice that wrote it.

    Cancelling again gives the success again. Raises PrescriptionNotFound, NotTheAuthor, PositionUnknown,
    LineNotCancellable, HeldByAnother (lines only), and the refusal of the state that does not let it.
    """
    with transaction.atomic():
        sheets = _every_instance(fse_number, by=by, at=at)
        sheet = _current(sheets)
        if positions:
            return _cancel_lines(sheet, positions, reason, by=by, at=at)
        outcome = _cancel(sheet, reason, by=by, at=at)
        for other in sheets:
            if other is not sheet and PRESCRIPTION_MACHINE.accepts("cancel", other.state):
                _cancel(other, reason, by=by, at=at)
    return Cancellation(sheet.prescription, outcome, _given(sheet))


def _every_instance(fse_number: str, *, by: Any, at: datetime) -> list[Sheet]:
    """Return every instance, locked, first to last. Raises PrescriptionNotFound, NotTheAuthor."""
    known = selectors.instances_of(fse_number)
    if not known:
        raise PrescriptionNotFound(pointer="/document/fse_number")
    if membership_on(by, known[0].prescriber, localdate(at)) is None:
        raise NotTheAuthor
    return [locked(fse_number, at=at, instance=each.instance) for each in known]


def _current(sheets: Sequence[Sheet]) -> Sheet:
    """The first that is not over, or the last one."""
    return next((sheet for sheet in sheets if sheet.state not in selectors.OVER), sheets[-1])


def _given(sheet: Sheet) -> list[PrescribedItem]:
    return [item for item in sheet.items if item.boxes_dispensed]


def _cancel(sheet: Sheet, reason: str, *, by: Any, at: datetime) -> CancellationOutcome:
    asked = sheet.prescription.cancel_asked_at is not None
    if sheet.state == P.CANCELLED:
        return "CANCELLED"
    if sheet.state == P.CANCEL_PENDING:
        return "PENDING"
    if sheet.state == P.COMPLETED and asked:
        return "REST_CANCELLED"
    check_command("cancel", sheet)
    words = {"cancel_asked_at": at, "cancel_reason": reason}
    if sheet.state == P.IN_CUSTODY:
        sheet.move(P.CANCEL_PENDING, by=by, at=at, reason=reason, **words)
        sheet.record("prescription.cancellation_asked", by=by, at=at, reason=reason)
        return "PENDING"
    sheet.each(rules.cancelled, by=by, at=at)
    sheet.move(P.COMPLETED if sheet.given else P.CANCELLED, by=by, at=at, reason=reason, **words)
    sheet.record("prescription.cancelled", by=by, at=at, reason=reason)
    return "REST_CANCELLED" if sheet.given else "CANCELLED"


def _cancel_lines(
    sheet: Sheet, positions: Sequence[int], reason: str, *, by: Any, at: datetime
) -> Cancellation:
    """Cancel some lines; all of those that were left: the prescription with them."""
    items = {item.position: item for item in sheet.items}
    for index, position in enumerate(positions):
        if position not in items:
            raise PositionUnknown(pointer=f"/lines/{index}/position", position=position)
    asked = [items[position] for position in positions if not is_struck(items[position])]
    if not asked:
        return Cancellation(sheet.prescription, "LINES_CANCELLED", _given(sheet))
    check_command("cancel", sheet)
    if sheet.state == P.IN_CUSTODY:
        raise refusal_of(sheet)
    for item in asked:
        if not LINE_MACHINE.accepts("cancel", item.state):
            where = f"/lines/{list(positions).index(item.position)}/position"
            state = item.get_state_display()
            raise LineNotCancellable(pointer=where, position=item.position, state=state)
    sheet.strike(asked, by=by, at=at)
    left = sheet.header
    if left not in (P.ACTIVE, P.PARTLY_DISPENSED):
        words = {"cancel_asked_at": at, "cancel_reason": reason}
        sheet.move(left, by=by, at=at, reason=reason, **words)
    said = {"reason": reason, "positions": list(positions)}
    sheet.record("prescription.lines_cancelled", by=by, at=at, **said)
    return Cancellation(sheet.prescription, "LINES_CANCELLED", _given(sheet))


def retract_prescription(*, fse_number: str, reason: str, by: Any, at: datetime) -> Prescription:
    """Take back a prescription written by error (wrong patient and the like): nothing was handed over.

    Raises PrescriptionNotFound, NotTheAuthor, SomethingGiven and the refusals of other states.
    """
    with transaction.atomic():
        sheets = _every_instance(fse_number, by=by, at=at)
        if any(sheet.prescription.dispensings.exists() for sheet in sheets):
            raise SomethingGiven
        for sheet in sheets:
            if sheet.state == P.ENTERED_IN_ERROR:
                continue
            check_command("retract", sheet)
            sheet.each(rules.cancelled, by=by, at=at)
            sheet.move(P.ENTERED_IN_ERROR, by=by, at=at, reason=reason, **NO_HOLD)
            sheet.record("prescription.retracted", by=by, at=at, reason=reason)
    return _current(sheets).prescription


def waive_remainder(
    *, fse_number: str, reason: str, by: Any, at: datetime, instance: int | None = None
) -> Prescription:
    """Give up what was not handed over, by the insured person or by the practice that wrote it.

    Raises PrescriptionNotFound, NotYourPrescription, NothingGiven and the refusals of other states.
    """
    with transaction.atomic():
        sheet = locked(fse_number, at=at, instance=instance)
        prescription = sheet.prescription
        is_theirs = prescription.insured.user_id == by.pk
        if not is_theirs and membership_on(by, prescription.prescriber, localdate(at)) is None:
            raise NotYourPrescription
        if sheet.state == P.COMPLETED and _was_waived(sheet):
            return prescription
        check_command("waive", sheet)
        if not sheet.given:
            raise NothingGiven
        held = sheet.state == P.IN_CUSTODY
        sheet.each(rules.waived, by=by, at=at)
        sheet.move(P.COMPLETED, by=by, at=at, reason=reason, **NO_CUSTODY, **NO_HOLD)
        if held:
            sheet.record("custody.released", by=by, at=at, reason="WAIVED")
        sheet.record("prescription.waived", by=by, at=at, reason=reason)
    return prescription


def _was_waived(sheet: Sheet) -> bool:
    """Given up before: a line is closed short of its boxes, which no pharmacy said."""
    return any(
        (item.state == LineState.NOT_DISPENSED and not item.refusal)
        or (item.state == LineState.DISPENSED and item.boxes_left)
        for item in sheet.items
    )


def hold_prescription(
    *, fse_number: str, reason: str, by: Any, at: datetime, instance: int | None = None
) -> Prescription:
    """Suspend a prescription (recall, stolen key, doubt), by a medical or a fraud officer.

    It ends by itself after the delay of the law; a custody ends at once. Raises NotAHoldingOfficer,
    ReasonMissing, PrescriptionNotFound and the refusals of other states.
    """
    _check_officer(by, reason)
    with transaction.atomic():
        sheet = locked(fse_number, at=at, instance=instance)
        if sheet.state == P.ON_HOLD and sheet.prescription.hold_office == by.role:
            return sheet.prescription
        if sheet.state == P.ON_HOLD:
            raise OtherOffice
        check_command("hold", sheet)
        if sheet.state == P.IN_CUSTODY:
            leaving = sheet.prescription.custodian_id
            sheet.each(rules.released, by=by, at=at, leaving=leaving)
            sheet.record("custody.released", by=by, at=at, reason="HELD")
        days = selectors.delay("prescription_hold_max_days", localdate(at))
        hold = {"hold_until": at + timedelta(days=days), "hold_office": by.role}
        sheet.move(P.ON_HOLD, by=by, at=at, reason=reason, **hold, **NO_CUSTODY)
        sheet.record("prescription.held", by=by, at=at, reason=reason)
    return sheet.prescription


def lift_hold(
    *, fse_number: str, reason: str, by: Any, at: datetime, instance: int | None = None
) -> Prescription:
    """End a hold in favour of the prescription, by the office that ordered it.

    Raises NotAHoldingOfficer, ReasonMissing, OtherOffice, PrescriptionNotFound and the refusals of other
    states.
    """
    with transaction.atomic():
        _check_officer(by, reason)
        sheet = _held_by_office(fse_number, "lift", by=by, at=at, instance=instance)
        lift(sheet, by=by, at=at, reason=reason)
        sheet.record("prescription.hold_lifted", by=by, at=at, reason=reason)
    return sheet.prescription


def confirm_hold(
    *, fse_number: str, reason: str, by: Any, at: datetime, instance: int | None = None
) -> Prescription:
    """End a hold against the prescription: what was not handed over is cancelled.

    Raises NotAHoldingOfficer, ReasonMissing, OtherOffice, PrescriptionNotFound and the refusals of other
    states.
    """
    with transaction.atomic():
        _check_officer(by, reason)
        sheet = _held_by_office(fse_number, "confirm_hold", by=by, at=at, instance=instance)
        sheet.each(rules.cancelled, by=by, at=at)
        words = {"cancel_asked_at": at, "cancel_reason": reason}
        sheet.move(P.CANCELLED, by=by, at=at, reason=reason, **words, **NO_HOLD)
        sheet.record("prescription.hold_confirmed", by=by, at=at, reason=reason)
    return sheet.prescription


def _held_by_office(
    fse_number: str, command: str, *, by: Any, at: datetime, instance: int | None
) -> Sheet:
    sheet = locked(fse_number, at=at, instance=instance)
    check_command(command, sheet)
    if sheet.prescription.hold_office != by.role:
        raise OtherOffice
    return sheet


def _check_officer(by: Any, reason: str) -> None:
    if by.role not in HOLDING_ROLES:
        raise NotAHoldingOfficer
    if not reason.strip():
        raise ReasonMissing(pointer="/reason")
