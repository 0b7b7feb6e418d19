"""What every command on a prescription shares: its row locked and up to date, the table asked, the move."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.timezone import localdate, localtime

from core import audit, transitions
from core.audit import Actor
from core.errors import DomainError
from prescriptions import selectors
from prescriptions.models import (
    DEFINITIVE,
    LineKind,
    NotDispensed,
    PrescribedItem,
    Prescription,
)
from prescriptions.rules import lines as rules
from prescriptions.rules.lines import Line
from prescriptions.services._refusals import (
    AlreadyDispensed,
    HeldByAnother,
    PrescriptionCancelled,
    PrescriptionExpired,
    PrescriptionNotFound,
)
from prescriptions.services._state_refusals import (
    CancellationPending,
    CommandRefused,
    NotInCustody,
    NotValidYet,
    PrescriptionNotDispensed,
    PrescriptionOnHold,
    PrescriptionRetracted,
)
from prescriptions.states import PRESCRIPTION_MACHINE, STANDING, LineState, PrescriptionState
from providers.models import Provider
from providers.selectors import extended_limit

CLOCK = "system:clock"
P = PrescriptionState
HELD_STATES = (P.IN_CUSTODY, P.CANCEL_PENDING)
# Lines on which no pharmacy's answer stands.
FREE_LINES = frozenset({LineState.TO_DISPENSE, LineState.PARTIAL, LineState.RESERVED})
ENDS_WITH_VALIDITY = tuple(
    state for state in P if PRESCRIPTION_MACHINE.accepts("validity_end", state)
)
NO_CUSTODY: Mapping[str, Any] = {"custodian_id": None, "custody_until": None}
NO_HOLD: Mapping[str, Any] = {"hold_until": None, "hold_office": ""}


class Sheet:
    """A prescription under its lock, with its lines: the whole that a command reads and changes."""

    def __init__(self, prescription: Prescription) -> None:
        self.prescription = prescription
        self.items: list[PrescribedItem] = list(
            prescription.items.select_related("medicine").order_by("position")
        )

    @property
    def state(self) -> str:
        return self.prescription.state

    @property
    def given(self) -> bool:
        return any(item.boxes_dispensed for item in self.items)

    def line(self, item: PrescribedItem, leaving: Any = None) -> Line:
        """Return a line as the rules see it; `leaving` is the key of the pharmacy whose custody ends."""
        return Line(
            state=item.state,
            given=item.boxes_dispensed,
            definitive=item.refusal in DEFINITIVE,
            own=leaving is not None and item.answered_by_id == leaving,
        )

    @property
    def counted(self) -> list[PrescribedItem]:
        """The lines that make the state: orders are done elsewhere, and count only where alone."""
        return [item for item in self.items if item.kind != LineKind.ORDER] or self.items

    @property
    def header(self) -> str:
        """The state that the lines say."""
        return rules.header([self.line(item) for item in self.counted])

    def each(
        self, rule: Callable[[Line], str], *, by: Actor, at: datetime, leaving: Any = None
    ) -> None:
        """Move every line where a rule says."""
        self.move_lines(
            {item.pk: rule(self.line(item, leaving)) for item in self.items}, by=by, at=at
        )

    def move_lines(self, targets: Mapping[Any, str], *, by: Actor, at: datetime) -> None:
        """Move lines, each to its own state, with the quantity and the answer they carry by now."""
        moves = []
        for item in self.items:
            target = targets.get(item.pk, item.state)
            if target != item.state:
                if target in FREE_LINES:
                    item.refusal, item.answered_by_id = "", None
                values = (item.boxes_dispensed, item.refusal, item.answered_by_id)
                moves.append(transitions.Move(item.pk, item.state, target, values))
        transitions.move_each(
            PrescribedItem,
            moves,
            columns={"boxes_dispensed": "int2", "refusal": "text", "answered_by_id": "uuid"},
            by=by,
            at=at,
            subjects=self.items,
        )

    def strike(self, items: Sequence[PrescribedItem], *, by: Actor, at: datetime) -> None:
        """Cancel some lines. What was given stays given: such a line keeps why its rest is not to be asked
        for, which holds when the boxes come back."""
        for item in items:
            if item.boxes_dispensed:
                item.refusal = NotDispensed.PRESCRIBER_CANCELLED
        targets = {item.pk: rules.cancelled(self.line(item)) for item in items}
        self.move_lines(targets, by=by, at=at)

    def count(self, items: Sequence[PrescribedItem]) -> None:
        """Write the boxes handed over of lines, whether or not they move."""
        PrescribedItem.objects.bulk_update(items, ["boxes_dispensed"])

    def move(self, to: str, *, by: Actor, at: datetime, reason: str = "", **fields: Any) -> None:
        """Move the header; where it is already there, write its columns only."""
        prescription = self.prescription
        if to != prescription.state:
            transitions.move(prescription, to, by=by, at=at, reason=reason, **fields)
        elif fields:
            for name, value in fields.items():
                setattr(prescription, name, value)
            prescription.save(update_fields=list(fields))

    def record(self, deed: str, *, by: Actor, at: datetime, **after: Any) -> None:
        """Audit a command."""
        audit.record(
            by=by,
            at=at,
            action=f"prescriptions.{deed}",
            subject=self.prescription,
            insured_id=self.prescription.insured_id,
            after=after,
        )


def is_struck(item: PrescribedItem) -> bool:
    """Whether the prescriber cancelled a line by itself, or what was left of it."""
    rest = item.state == LineState.DISPENSED and item.refusal == NotDispensed.PRESCRIBER_CANCELLED
    return rest or item.state == LineState.CANCELLED


def locked(fse_number: str, *, at: datetime, instance: int | None = None) -> Sheet:
    """Return a prescription, or its current instance, locked and brought up to `at`.

    What the clock should have done since is done first, in the same transaction: a lease that ended, a
    first day that came, a validity or a hold that is over. Raises PrescriptionNotFound.
    """
    found = selectors.prescription_by_number(fse_number, instance=instance)
    if found is None:
        raise PrescriptionNotFound(pointer="/document/fse_number")
    return locked_key(found.pk, at=at)


def locked_key(key: Any, *, at: datetime) -> Sheet:
    """Return the prescription of a key, as `locked` does."""
    # The holder is not joined: after waiting for the lock, PostgreSQL gives the fresh row beside the
    # custodian of the old one, and two pharmacies would both believe the prescription free.
    sheet = Sheet(
        Prescription.objects.select_for_update(of=("self",))
        .select_related("prescriber")
        .get(pk=key)
    )
    catch_up(sheet, at=at)
    return sheet


def catch_up(sheet: Sheet, *, at: datetime) -> bool:
    """Do what the clock owes a prescription at `at`; tell whether it owed anything."""
    before = sheet.state
    prescription, today = sheet.prescription, localdate(at)
    until = prescription.custody_until
    if until is not None and until <= at:
        end_custody(sheet, by=CLOCK, at=at, reason="lease_end")
    if sheet.state == P.ON_HOLD and prescription.hold_until <= at:
        lift(sheet, by=CLOCK, at=at, reason="end of the hold")
    if sheet.state == P.SCHEDULED and first_day(prescription) <= today:
        sheet.move(P.ACTIVE, by=CLOCK, at=at)
    if sheet.state in ENDS_WITH_VALIDITY and is_over(prescription, at):
        _end_validity(sheet, at=at)
    return sheet.state != before


def is_over(prescription: Prescription, at: datetime) -> bool:
    """The last day is past, and what was handed over on it has had the time to arrive."""
    today = localdate(at)
    if today < prescription.valid_until:
        return False
    late = selectors.delay("dispensing_arrival_days", today)
    return is_past(prescription, today - timedelta(days=late))


def is_past(prescription: Prescription, day: date, *, pharmacy: Provider | None = None) -> bool:
    """The last day is past, outages declared where it was written or is handed over counted."""
    last_day = prescription.valid_until - timedelta(days=1)
    if day <= last_day:
        return False
    zones = [prescription.prescriber.territory_id, pharmacy.territory_id if pharmacy else None]
    grace = selectors.delay("outage_grace_days", day)
    return not extended_limit(last_day, territory_ids=zones, grace_days=grace).holds(day)


def _end_validity(sheet: Sheet, *, at: datetime) -> None:
    held = sheet.state in HELD_STATES
    if held:
        sheet.each(rules.released, by=CLOCK, at=at, leaving=sheet.prescription.custodian_id)
    asked = sheet.prescription.cancel_asked_at is not None
    sheet.each(rules.cancelled if asked else rules.expired, by=CLOCK, at=at)
    sheet.move(
        _closed_header(sheet, P.CANCELLED if asked else P.EXPIRED),
        by=CLOCK,
        at=at,
        reason="validity_end",
        **NO_CUSTODY,
        **NO_HOLD,
    )
    if held:
        sheet.record("custody.released", by=CLOCK, at=at, reason="VALIDITY_END")


def _closed_header(sheet: Sheet, nothing_given: str) -> str:
    return P.COMPLETED if sheet.given else nothing_given


def end_custody(sheet: Sheet, *, by: Actor, at: datetime, reason: str) -> None:
    """Free what a pharmacy held; a cancellation that waited for it takes effect."""
    leaving = sheet.prescription.custodian_id
    sheet.each(rules.released, by=by, at=at, leaving=leaving)
    if sheet.state == P.CANCEL_PENDING:
        sheet.each(rules.cancelled, by=by, at=at)
        to = _closed_header(sheet, P.CANCELLED)
    else:
        to = sheet.header
    sheet.move(to, by=by, at=at, reason=reason, **NO_CUSTODY)
    sheet.record("custody.released", by=by, at=at, reason=reason)


def lift(sheet: Sheet, *, by: Actor, at: datetime, reason: str) -> None:
    """End a hold in favour of the prescription."""
    waits = first_day(sheet.prescription) > localdate(at) and not sheet.given
    sheet.move(P.SCHEDULED if waits else sheet.header, by=by, at=at, reason=reason, **NO_HOLD)


def first_day(prescription: Prescription) -> Any:
    return prescription.starts_on or prescription.written_on


def check_command(command: str, sheet: Sheet) -> None:
    """Raise the refusal of a state in which the table does not know the command."""
    if not PRESCRIPTION_MACHINE.accepts(command, sheet.state):
        raise refusal_of(sheet)


def refusal_of(sheet: Sheet) -> DomainError:
    """Say why nothing can be done with a prescription as it stands, and who holds it."""
    return _REFUSALS.get(sheet.state, _not_possible)(sheet)


def _held(sheet: Sheet) -> DomainError:
    return HeldByAnother(**holder(sheet.prescription))


def holder(prescription: Prescription) -> dict[str, str]:
    """Return who holds a prescription and until when, in words."""
    custodian: Any = prescription.custodian
    until: Any = prescription.custody_until
    return {"holder": custodian.name, "until": f"{localtime(until):%d/%m %H:%M}"}


def _dispensed(sheet: Sheet) -> DomainError:
    standing = sheet.prescription.dispensings.filter(state__in=STANDING)
    last = standing.select_related("pharmacy").order_by("-received_at").first()
    assert last is not None  # noqa: S101 (a completed prescription was dispensed)
    return AlreadyDispensed(
        pharmacy=last.pharmacy.name, day=f"{localdate(last.received_at):%d/%m/%Y}"
    )


def _expired(sheet: Sheet) -> DomainError:
    return PrescriptionExpired(day=sheet.prescription.valid_until.isoformat())


def _not_possible(sheet: Sheet) -> DomainError:
    return CommandRefused(state=sheet.prescription.get_state_display())


_REFUSALS: dict[str, Callable[[Sheet], DomainError]] = {
    P.SCHEDULED: lambda sheet: NotValidYet(day=first_day(sheet.prescription).isoformat()),
    P.IN_CUSTODY: _held,
    P.COMPLETED: _dispensed,
    P.NOT_DISPENSED: lambda _sheet: PrescriptionNotDispensed(),
    P.CANCEL_PENDING: lambda sheet: CancellationPending(**holder(sheet.prescription)),
    P.CANCELLED: lambda _sheet: PrescriptionCancelled(),
    P.ON_HOLD: lambda sheet: PrescriptionOnHold(
        until=f"{localdate(sheet.prescription.hold_until):%d/%m/%Y}"
    ),
    P.EXPIRED: _expired,
    P.ENTERED_IN_ERROR: lambda _sheet: PrescriptionRetracted(),
}


def check_custodian(sheet: Sheet, pharmacy: Provider) -> None:
    """Raise HeldByAnother when somebody else holds it, NotInCustody when nobody does."""
    holding = sheet.prescription.custodian_id
    if holding is None:
        raise NotInCustody
    if holding != pharmacy.pk:
        raise _held(sheet)
