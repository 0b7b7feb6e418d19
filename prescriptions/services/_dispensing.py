"""Handing over what was prescribed, never a box too many; what is owed or refused, and why."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate

from core import locks, transitions
from core.errors import DomainError, refuse_all
from core.signatures import SignedDocument, document_hash
from insured.selectors import presence_of
from prescriptions.intake import DispensedLine, DispensingDraft
from prescriptions.models import (
    DispensedItem,
    DispensedPack,
    Dispensing,
    LineKind,
    Medicine,
    Outcome,
    PendingDispensing,
    PrescribedItem,
    Prescription,
)
from prescriptions.rules import lines as rules
from prescriptions.rules.lines import OPEN
from prescriptions.rules.matching import Match, Product, match
from prescriptions.selectors.writing import may_replace
from prescriptions.services._custody import Answer, check_pharmacy, reserve, say, wrong_reason
from prescriptions.services._refusals import (
    CompoundNotBilled,
    DispensedBeforeWritten,
    FutureDay,
    HeldByAnother,
    LineNotPrescribed,
    MedicineUnknown,
    PrescriptionExpired,
    SubstitutionNotAllowed,
    TooManyBoxes,
    WrongPatient,
)
from prescriptions.services._standing import (
    NO_CUSTODY,
    P,
    Sheet,
    check_command,
    first_day,
    holder,
    is_past,
    locked,
)
from prescriptions.services._state_refusals import (
    LineNotHeld,
    NotInCustody,
    NotValidYet,
    OutcomeWrong,
    PackAlreadyPaid,
    PackExpired,
    TooManyPacks,
)
from prescriptions.states import LineState, PendingState
from providers.models import Device, Provider

Known = Mapping[str, Medicine]
# What a pharmacy says of a line it does not hand over whole, and gives a reason for.
ANSWERS = (Outcome.OWING, Outcome.NOT_DISPENSED)


def record_dispensing(
    *, draft: DispensingDraft, signed: SignedDocument, device: Device, by: Any, at: datetime
) -> Dispensing:
    """Record what a pharmacy handed over, in the caller's transaction (claims.dispense_medicine).

    The prescription's row is locked: two pharmacies never hand over the same box. Without custody, the
    pharmacy takes it and ends it in the same gesture; a prescription with a secret asks for custody
    first. Raises NotAPharmacy, PrescriptionNotFound, HeldByAnother, EntriesRefused and the refusals of
    the states where nothing is dispensed.
    """
    pharmacy = device.provider
    check_pharmacy(pharmacy, "/document/provider")
    sheet = locked(draft.fse_number, at=at, instance=draft.instance)
    prescription = sheet.prescription
    if prescription.custodian_id not in (None, pharmacy.pk):
        raise HeldByAnother(**holder(prescription))
    check_command("dispense", sheet)
    if prescription.custodian_id is None and prescription.document.get("secret"):
        raise NotInCustody
    medicines = check_hand_over(draft, sheet, pharmacy, at=at)
    if prescription.custodian_id is None:
        reserve(sheet, sheet.items, by=by, at=at)
    dispensing = write_dispensing(draft, signed, device, sheet, medicines, by=by, at=at)
    apply_lines(draft, sheet, dispensing, by=by, at=at)
    _end_hand_over(sheet, pharmacy.pk, by=by, at=at)
    _end_preparation(dispensing, by=by, at=at)
    return dispensing


def check_hand_over(
    draft: DispensingDraft,
    sheet: Sheet,
    pharmacy: Provider,
    *,
    at: datetime,
    replaced: Dispensing | None = None,
) -> dict[str, Medicine]:
    """Return the medicines handed over by EAN, or refuse everything wrong at once (EntriesRefused)."""
    items = {item.position: item for item in sheet.items}
    errors = circumstances(draft, sheet.prescription, pharmacy, at)
    medicines = medicines_by_ean(draft, errors)
    holding = sheet.prescription.custodian_id
    for index, line in enumerate(draft.lines):
        pointer, scanned = f"/document/lines/{index}", medicines.get(line.ean or "")
        if line.boxes and scanned is None:
            continue  # told already: the code is unknown
        errors += _line_refusals(draft, index, items.get(line.position), scanned, holding)
        errors += pack_refusals(pointer, line, scanned, draft.dispensed_on)
    errors += paid_packs(draft, medicines, replaced)
    refuse_all(errors)
    return medicines


def medicines_by_ean(draft: DispensingDraft, errors: list[DomainError]) -> dict[str, Medicine]:
    """Return the medicines that the lines name, by EAN; each unknown code adds an error."""
    eans = {line.ean for line in draft.given}
    found = {medicine.ean: medicine for medicine in Medicine.objects.filter(ean__in=eans)}
    errors += [
        MedicineUnknown(pointer=f"/document/lines/{index}/ean", ean=line.ean)
        for index, line in enumerate(draft.lines)
        if line.boxes and line.ean not in found
    ]
    return found


def circumstances(
    draft: DispensingDraft, prescription: Prescription, pharmacy: Provider, at: datetime
) -> list[DomainError]:
    """Return what is wrong with the patient or the day of a hand-over."""
    errors: list[DomainError] = []
    day, first = draft.dispensed_on, first_day(prescription)
    pointer = "/document/dispensed_on"
    if draft.patient != prescription.patient_id:
        errors.append(WrongPatient(pointer="/document/patient"))
    if day > localdate(at):
        errors.append(FutureDay(pointer=pointer, day=day.isoformat()))
    if day < prescription.written_on:
        written = prescription.written_on.isoformat()
        errors.append(DispensedBeforeWritten(pointer=pointer, day=written))
    elif day < first:
        errors.append(NotValidYet(pointer=pointer, day=first.isoformat()))
    if is_past(prescription, day, pharmacy=pharmacy):
        limit = prescription.valid_until.isoformat()
        errors.append(PrescriptionExpired(pointer=pointer, day=limit))
    return errors


def _line_refusals(
    draft: DispensingDraft,
    index: int,
    item: PrescribedItem | None,
    scanned: Medicine | None,
    holding: Any,
) -> list[DomainError]:
    line, pointer = draft.lines[index], f"/document/lines/{index}"
    if item is None:
        label = scanned.label if scanned else str(line.position)
        return [LineNotPrescribed(pointer=f"{pointer}/position", label=label)]
    if item.kind == LineKind.COMPOUND and line.boxes:
        return [CompoundNotBilled(pointer=f"{pointer}/position", position=line.position)]
    day = draft.dispensed_on
    if scanned is not None and (wrong := not_what_was_prescribed(item, scanned, day)):
        return [wrong(pointer=f"{pointer}/ean", label=scanned.label)]
    if line.boxes > item.boxes_left:
        return [TooManyBoxes(pointer=f"{pointer}/boxes", left=item.boxes_left, asked=line.boxes)]
    if not _may_answer(item, holding):
        state = item.get_state_display()
        return [LineNotHeld(pointer=f"{pointer}/position", position=item.position, state=state)]
    return _outcome_refusals(pointer, line, item)


def _may_answer(item: PrescribedItem, holding: Any) -> bool:
    """A custody opens the lines it reserved, and what its pharmacy owes; without one, every open line."""
    if holding is None:
        return item.state in OPEN
    owed = item.state == LineState.OWING and item.answered_by_id == holding
    return item.state == LineState.RESERVED or owed


def not_what_was_prescribed(
    item: PrescribedItem, scanned: Medicine, day: date
) -> type[LineNotPrescribed] | type[SubstitutionNotAllowed] | None:
    """Return the refusal of a product that is not what a line asks for, or None."""
    verdict = match(
        prescribed_product(item),
        product(scanned),
        substitution_allowed=may_replace(item, day),
    )
    if verdict == Match.NOT_PRESCRIBED:
        return LineNotPrescribed
    return SubstitutionNotAllowed if verdict == Match.SUBSTITUTION_NOT_ALLOWED else None


def prescribed_product(item: PrescribedItem) -> Product:
    """Return what a line asks for; a formula or an order is no product and matches none."""
    if item.medicine is not None:
        return product(item.medicine)
    return Product(
        ean="",
        inn=item.inn,
        strength=item.strength,
        strength_unit=item.strength_unit,
        form=item.form,
    )


def product(medicine: Medicine) -> Product:
    """Return what identifies a medicine for the matching rule."""
    return Product(
        ean=medicine.ean,
        inn=medicine.inn,
        strength=medicine.strength,
        strength_unit=medicine.strength_unit,
        form=medicine.form,
    )


def _outcome_refusals(pointer: str, line: DispensedLine, item: PrescribedItem) -> list[DomainError]:
    """What is wrong between the outcome said, its reason and the boxes; version 1 says none."""
    if line.outcome is None:
        return []
    fits = {
        Outcome.DISPENSED: line.boxes == item.boxes_left or (line.boxes and line.substitution),
        Outcome.PARTIAL: 0 < line.boxes < item.boxes_left,
        Outcome.OWING: line.boxes < item.boxes_left,
        Outcome.NOT_DISPENSED: line.boxes == 0,
    }
    if not fits[Outcome(line.outcome)]:
        where = {"position": line.position, "boxes": line.boxes, "left": item.boxes_left}
        return [OutcomeWrong(pointer=f"{pointer}/outcome", **where)]
    if line.outcome not in ANSWERS:
        return []
    return wrong_reason(_answer(line), pointer=f"{pointer}/reason")


def _answer(line: DispensedLine) -> Answer:
    return Answer(line.position, line.outcome or "", line.reason or "")


def pack_refusals(
    pointer: str, line: DispensedLine, scanned: Medicine | None, day: date
) -> list[DomainError]:
    """Return what is wrong with the packs of a line: more than its boxes, or out of date."""
    if len(line.packs) > line.boxes or scanned is None:
        return [TooManyPacks(pointer=f"{pointer}/packs", position=line.position)] * bool(line.packs)
    return [
        PackExpired(
            pointer=f"{pointer}/packs/{place}/expires_on",
            label=scanned.label,
            day=pack.expires_on.isoformat(),
        )
        for place, pack in enumerate(line.packs)
        if pack.expires_on is not None and pack.expires_on <= day
    ]


def paid_packs(draft: DispensingDraft, medicines: Known, replaced: Any) -> list[DomainError]:
    """Serials that a living dispensing, other than the one replaced, has already; or twice in this one.

    The boxes are held until the end of the transaction: two counters that scan one are answered in turn.
    """
    scanned = [
        (f"/document/lines/{index}/packs/{place}/serial", medicines[line.ean], pack.serial)
        for index, line in enumerate(draft.lines)
        if line.ean in medicines
        for place, pack in enumerate(line.packs)
        if pack.serial
    ]
    if not scanned:
        return []
    locks.hold_names(f"{medicine.ean} {serial}" for _pointer, medicine, serial in scanned)
    known = DispensedPack.objects.filter(
        medicine__in={medicine.pk for _pointer, medicine, _serial in scanned},
        serial__in={serial for _pointer, _medicine, serial in scanned},
        given_back=False,
    ).exclude(dispensed__dispensing=replaced)
    gone = set(known.values_list("medicine_id", "serial"))
    errors: list[DomainError] = []
    for pointer, medicine, serial in scanned:
        if (medicine.pk, serial) in gone:
            errors.append(PackAlreadyPaid(pointer=pointer, serial=serial, label=medicine.label))
        gone.add((medicine.pk, serial))
    return errors


def write_dispensing(
    draft: DispensingDraft,
    signed: SignedDocument,
    device: Device,
    sheet: Sheet,
    medicines: Known,
    *,
    by: Any,
    at: datetime,
    replaces: Dispensing | None = None,
    handed_over_at: datetime | None = None,
) -> Dispensing:
    """Write a dispensing, its lines and its packs, and give the boxes to the lines in memory."""
    items = {item.position: item for item in sheet.items}
    insured_id = sheet.prescription.insured_id
    dispensing = Dispensing.objects.create(
        prescription=sheet.prescription,
        replaces=replaces,
        insured_id=insured_id,
        pharmacy=device.provider,
        author=by,
        device=device,
        presence=presence_of(insured_id, inpe=device.provider.inpe, at=handed_over_at or at),
        dispensed_on=draft.dispensed_on,
        handed_over_at=handed_over_at,
        document=signed.document,
        document_hash=document_hash(signed.document),
        signature=signed.signature,
        received_at=at,
    )
    transitions.born(dispensing, by=by, at=at)
    packs = []
    for line in draft.given:
        medicine = medicines[line.ean or ""]
        handed = DispensedItem.objects.create(
            dispensing=dispensing,
            insured_id=insured_id,
            item=items[line.position],
            medicine=medicine,
            boxes=line.boxes,
            charged_centimes=line.charged_centimes,
            substitution=line.substitution or "",
        )
        packs += [
            DispensedPack(
                dispensed=handed,
                insured_id=insured_id,
                medicine=medicine,
                batch=pack.batch or "",
                expires_on=pack.expires_on,
                serial=pack.serial or "",
            )
            for pack in line.packs
        ]
    DispensedPack.objects.bulk_create(packs)
    return dispensing


def apply_lines(
    draft: DispensingDraft, sheet: Sheet, dispensing: Dispensing, *, by: Any, at: datetime
) -> None:
    """Count the boxes on their lines, move the lines, and keep what was said of them."""
    items = {item.position: item for item in sheet.items}
    targets, said = {}, []
    for line in draft.lines:
        item = items[line.position]
        item.boxes_dispensed += line.boxes
        outcome = line.outcome or outcome_of(item)
        reason = line.reason if outcome in ANSWERS else None
        targets[item.pk] = LineState(outcome)
        answering = dispensing.pharmacy_id if outcome in ANSWERS else None
        item.refusal, item.answered_by_id = reason or "", answering
        said.append(Answer(line.position, outcome, reason or ""))
    sheet.count([items[line.position] for line in draft.given])
    sheet.move_lines(targets, by=by, at=at)
    say(sheet, said, pharmacy=dispensing.pharmacy, at=at, dispensing=dispensing)


def outcome_of(item: PrescribedItem) -> str:
    """What version 1 means: the line is complete, or a part of it was given."""
    return Outcome.PARTIAL if item.boxes_left else Outcome.DISPENSED


def _end_hand_over(sheet: Sheet, leaving: Any, *, by: Any, at: datetime) -> None:
    """The custody ends with the hand-over: refusals that are not definitive fall, what is owed stays."""
    cancelling = sheet.state == P.CANCEL_PENDING
    sheet.each(rules.handed_over, by=by, at=at, leaving=leaving)
    if cancelling:
        sheet.each(rules.cancelled, by=by, at=at)
    sheet.move(sheet.header, by=by, at=at, **NO_CUSTODY)


def _end_preparation(dispensing: Dispensing, *, by: Any, at: datetime) -> None:
    """What the counter was preparing of this prescription is handed over."""
    waiting = PendingDispensing.objects.filter(
        prescription_id=dispensing.prescription_id,
        pharmacy_id=dispensing.pharmacy_id,
        state__in=(PendingState.PREPARING, PendingState.READY_FOR_PICKUP),
    )
    for each in waiting:
        transitions.move(each, PendingState.HANDED_OVER, by=by, at=at, dispensing_id=dispensing.pk)
