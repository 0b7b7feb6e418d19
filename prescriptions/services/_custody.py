"""Holding a prescription at a counter: a lease with an end, kept alive, given back or broken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from core.errors import DomainError, refuse_all
from insured.models import ProofLevel
from insured.selectors import presence_of
from prescriptions import selectors
from prescriptions.models import (
    LineKind,
    LineOutcome,
    NotDispensed,
    Outcome,
    PrescribedItem,
    Prescription,
)
from prescriptions.rules import lines as rules
from prescriptions.rules.tickets import line_secret, same_secret
from prescriptions.services._refusals import (
    HeldByAnother,
    NotAPharmacy,
    PrescriptionExpired,
    PrescriptionNotFound,
)
from prescriptions.services._standing import (
    HELD_STATES,
    NO_CUSTODY,
    P,
    Sheet,
    check_command,
    check_custodian,
    end_custody,
    holder,
    is_past,
    locked,
)
from prescriptions.services._state_refusals import (
    LineNotHeld,
    NothingForAPharmacy,
    NotWhoRefused,
    PositionUnknown,
    ReasonUnknown,
    SecretMissing,
    SecretWrong,
)
from prescriptions.states import LINE_MACHINE, LineState
from providers.models import Provider, ProviderKind

RELEASE_REASONS = ("PATIENT_LEFT", "OUT_OF_STOCK", "MISTAKE", "QUESTION", "OTHER")


def take_custody(
    *,
    fse_number: str,
    pharmacy: Provider,
    by: Any,
    at: datetime,
    secret: str = "",
    instance: int | None = None,
) -> Prescription:
    """Open a prescription at a counter: a lease with an end, prolonged by calling again.

    A prescription with a secret asks for it, for the one of a line's ticket (only that line is then
    reserved), or for a proof of the insured person's presence. Raises NotAPharmacy, PrescriptionNotFound,
    SecretMissing, SecretWrong, HeldByAnother, NothingForAPharmacy, PrescriptionExpired and the refusals
    of a state that knows no custody.
    """
    check_pharmacy(pharmacy)
    with transaction.atomic():
        sheet = locked(fse_number, at=at, instance=instance)
        prescription = sheet.prescription
        mine = prescription.custodian_id == pharmacy.pk
        if prescription.custodian_id and not mine:
            raise HeldByAnother(**holder(prescription))
        check_command("take_custody", sheet)
        today = localdate(at)
        if is_past(prescription, today, pharmacy=pharmacy):
            raise PrescriptionExpired(day=prescription.valid_until.isoformat())
        opened = _opened(sheet, secret, pharmacy=pharmacy, at=at)
        reserve(sheet, opened, by=by, at=at)
        minutes = selectors.delay("custody_minutes", today)
        until = at + timedelta(minutes=minutes)
        sheet.move(P.IN_CUSTODY, by=by, at=at, custodian_id=pharmacy.pk, custody_until=until)
        sheet.record("custody.taken", by=by, at=at, provider=pharmacy.inpe)
    found = selectors.prescription_by_number(fse_number, instance=prescription.instance)
    assert found is not None  # noqa: S101 (it was locked above)
    return found


def check_pharmacy(pharmacy: Provider, pointer: str | None = None) -> None:
    """Raise NotAPharmacy unless the provider is one."""
    if pharmacy.kind != ProviderKind.PHARMACY:
        raise NotAPharmacy(pointer=pointer)


def _opened(sheet: Sheet, secret: str, *, pharmacy: Provider, at: datetime) -> list[PrescribedItem]:
    """Return the lines that what was shown opens. Raises SecretMissing, SecretWrong."""
    prescription = sheet.prescription
    own = prescription.document.get("secret")
    if not own or (secret and same_secret(secret, own)):
        return sheet.items
    if not secret:
        if prescription.custodian_id == pharmacy.pk:
            return []  # the lease is prolonged on what it holds
        if _was_present(prescription, pharmacy, at):
            return sheet.items
        raise SecretMissing(pointer="/secret")
    number = prescription.fse_number
    for item in sheet.items:
        if same_secret(secret, line_secret(own, number, item.position)):
            return [item]
    raise SecretWrong(pointer="/secret")


def _was_present(prescription: Prescription, pharmacy: Provider, at: datetime) -> bool:
    """A pharmacist's word guarantees a payment in part; it opens nobody's prescription."""
    proof = presence_of(prescription.insured_id, inpe=pharmacy.inpe, at=at)
    return proof is not None and proof.level != ProofLevel.ATTESTATION


def reserve(sheet: Sheet, items: Sequence[PrescribedItem], *, by: Any, at: datetime) -> None:
    """Reserve the open lines among these that a pharmacy dispenses. Raises NothingForAPharmacy."""
    counter = [item for item in items if item.kind != LineKind.ORDER]
    free = [item for item in counter if LINE_MACHINE.accepts("custody", item.state)]
    if not free and not any(item.state == LineState.RESERVED for item in sheet.items):
        raise NothingForAPharmacy
    sheet.move_lines({item.pk: LineState.RESERVED for item in free}, by=by, at=at)


def release_custody(
    *, fse_number: str, pharmacy: Provider, by: Any, at: datetime, reason: str = "OTHER"
) -> None:
    """Give a prescription back, with a coded reason; releasing what one does not hold changes nothing.

    Raises ReasonUnknown, PrescriptionNotFound.
    """
    if reason not in RELEASE_REASONS:
        raise ReasonUnknown(pointer="/reason")
    with transaction.atomic():
        sheet = held_of(fse_number, at=at, pharmacy=pharmacy)
        if sheet is not None:
            end_custody(sheet, by=by, at=at, reason=reason)


def held_of(fse_number: str, *, at: datetime, pharmacy: Provider | None) -> Sheet | None:
    """Return, locked, the instance of a prescription that a pharmacy (or any) holds, or None."""
    instances = selectors.instances_of(fse_number)
    if not instances:
        raise PrescriptionNotFound(pointer="/document/fse_number")
    for each in instances:
        if each.state in HELD_STATES and pharmacy in (None, each.custodian):
            sheet = locked(fse_number, at=at, instance=each.instance)
            custodian = sheet.prescription.custodian_id
            if custodian is not None and (pharmacy is None or custodian == pharmacy.pk):
                return sheet
    return None


def break_lease(*, fse_number: str, by: Any, at: datetime) -> None:
    """Free a prescription from a counter, by the insured person it belongs to.

    Breaking what nobody holds changes nothing. Raises PrescriptionNotFound, another family's included.
    """
    with transaction.atomic():
        known = selectors.prescription_by_number(fse_number)
        if known is None or known.insured.user_id != by.pk:
            raise PrescriptionNotFound
        sheet = held_of(fse_number, at=at, pharmacy=None)
        if sheet is not None:
            end_custody(sheet, by=by, at=at, reason="BROKEN_BY_INSURED")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a counter says of a line without handing anything over: OWING or NOT_DISPENSED, and why."""

    position: int
    outcome: str
    reason: str


def record_outcomes(
    *,
    fse_number: str,
    pharmacy: Provider,
    answers: Sequence[Answer],
    by: Any,
    at: datetime,
    instance: int | None = None,
) -> Prescription:
    """Say of reserved lines that they are owed or refused, by the pharmacy that holds them.

    The custody goes on, unless every line is now final. The same answer again changes nothing. Raises
    PrescriptionNotFound, NotInCustody, HeldByAnother, PositionUnknown, LineNotHeld, ReasonUnknown.
    """
    check_pharmacy(pharmacy)
    with transaction.atomic():
        sheet = locked(fse_number, at=at, instance=instance)
        if _said_already(sheet, pharmacy, answers):
            return sheet.prescription
        if sheet.state in (P.ACTIVE, P.PARTLY_DISPENSED, P.IN_CUSTODY):
            check_custodian(sheet, pharmacy)
        check_command("record_outcomes", sheet)
        targets = {item.pk: answer.outcome for item, answer in _answered(sheet, pharmacy, answers)}
        sheet.move_lines(targets, by=by, at=at)
        say(sheet, answers, pharmacy=pharmacy, at=at)
        left = rules.header(
            [rules.released_line(sheet.line(item, pharmacy.pk)) for item in sheet.counted]
        )
        if left in (P.NOT_DISPENSED, P.COMPLETED):
            sheet.move(left, by=by, at=at, reason=answers[0].reason, **NO_CUSTODY)
            sheet.record("custody.released", by=by, at=at, reason="ALL_LINES_FINAL")
    return sheet.prescription


def _said_already(sheet: Sheet, pharmacy: Provider, answers: Sequence[Answer]) -> bool:
    items = {item.position: item for item in sheet.items}
    return all(
        (item := items.get(answer.position)) is not None
        and (item.state, item.refusal) == (answer.outcome, answer.reason)
        and item.answered_by_id == pharmacy.pk
        for answer in answers
    )


def _answered(
    sheet: Sheet, pharmacy: Provider, answers: Sequence[Answer]
) -> list[tuple[PrescribedItem, Answer]]:
    """Return the lines with what is said of them, now carried by the lines; or refuse the first wrong."""
    items = {item.position: item for item in sheet.items}
    pairs = []
    for index, answer in enumerate(answers):
        item = items.get(answer.position)
        if item is None:
            raise PositionUnknown(pointer=f"/lines/{index}/position", position=answer.position)
        refuse_all(wrong_reason(answer, pointer=f"/lines/{index}/reason"))
        owed = item.state == LineState.OWING and item.answered_by_id == pharmacy.pk
        if item.state != LineState.RESERVED and not owed:
            state = item.get_state_display()
            raise LineNotHeld(
                pointer=f"/lines/{index}/position", position=item.position, state=state
            )
        item.refusal, item.answered_by_id = answer.reason, pharmacy.pk
        pairs.append((item, answer))
    return pairs


def wrong_reason(answer: Answer, *, pointer: str) -> list[DomainError]:
    """Return ReasonUnknown unless the reason is one for the outcome."""
    owed = answer.outcome == Outcome.OWING
    allowed = [NotDispensed.OUT_OF_STOCK.value] if owed else NotDispensed.values
    return [] if answer.reason in allowed else [ReasonUnknown(pointer=pointer)]


def say(
    sheet: Sheet,
    answers: Sequence[Answer],
    *,
    pharmacy: Provider,
    at: datetime,
    dispensing: Any = None,
) -> None:
    """Keep what a pharmacy said of lines, for the prescriber and for the next counter."""
    items = {item.position: item for item in sheet.items}
    LineOutcome.objects.bulk_create(
        LineOutcome(
            item=items[answer.position],
            insured_id=sheet.prescription.insured_id,
            pharmacy=pharmacy,
            dispensing=dispensing,
            outcome=answer.outcome,
            reason=answer.reason,
            at=at,
        )
        for answer in answers
    )


def reopen(
    *,
    fse_number: str,
    pharmacy: Provider,
    by: Any,
    at: datetime,
    instance: int | None = None,
) -> Prescription:
    """Take back a whole refusal, inside the validity, by a pharmacy that refused.

    Raises PrescriptionNotFound, NotWhoRefused, PrescriptionExpired and the refusals of other states.
    """
    check_pharmacy(pharmacy)
    with transaction.atomic():
        sheet = locked(fse_number, at=at, instance=instance)
        refused = LineOutcome.objects.filter(
            item__prescription=sheet.prescription,
            pharmacy=pharmacy,
            outcome=Outcome.NOT_DISPENSED,
        )
        if sheet.state == P.ACTIVE and refused.exists():
            return sheet.prescription
        check_command("reopen", sheet)
        mine = {
            item.pk: LineState.TO_DISPENSE
            for item in sheet.items
            if item.state == LineState.NOT_DISPENSED and item.answered_by_id == pharmacy.pk
        }
        if not mine:
            raise NotWhoRefused
        if is_past(sheet.prescription, localdate(at), pharmacy=pharmacy):
            raise PrescriptionExpired(day=sheet.prescription.valid_until.isoformat())
        sheet.move_lines(mine, by=by, at=at)
        sheet.move(sheet.header, by=by, at=at, reason="reopened")
        sheet.record("prescription.reopened", by=by, at=at, provider=pharmacy.inpe)
    return sheet.prescription
