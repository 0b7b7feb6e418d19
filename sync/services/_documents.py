"""What an envelope holds, by kind: the very body that its page sends, read by the same readers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from claims import services as claims
from claims.api.dispensings import read_dispensing
from claims.api.receipts import judged, received
from claims.api.serializers import SignedCareClaimInput, care_claim_draft
from claims.models import Claim
from core.api.entries import EntryErrors
from core.api.fields import IdentifierField
from core.api.parsers import loaded, unreadable_texts
from core.api.serializers import Input, read
from core.errors import DomainError, EntriesRefused
from core.numbers import is_fse_number
from insured.selectors import person_by_id
from payments import services as payments
from payments.api.corrections import CorrectionInput
from prescriptions import services as prescriptions
from prescriptions.api.commands import CancellationInput
from prescriptions.api.documents import prescription_draft, read_signed_prescription
from prescriptions.intake import DispensingDraft
from prescriptions.models import Prescription
from prescriptions.presenters import cancellation_output, receipt_output
from prescriptions.rules.code import LONGEST
from prescriptions.selectors import prescription_by_number
from providers.api.documents import signed_document
from providers.intake import Offline
from providers.models import Device
from providers.permissions import NotAMember
from providers.selectors import membership_on
from sync import selectors
from sync.gateways import NotOpened, SealedForAnother, opened
from sync.models import Envelope, EnvelopeKind
from sync.services._presence import judge_presence
from sync.services._refusals import (
    CodeContradicted,
    ContentUnreadable,
    DocumentOfAnotherDevice,
    Duplicate,
    HandedOverHereAgain,
    HandedOverTwice,
    NotDispensable,
    PaidInGoodFaith,
    PrescriptionAwaited,
    ReversalUnknown,
    SealedForUnknownKey,
)
from sync.services._shown import as_told, read_shown, verified

Json = dict[str, Any]
_KEYS = {"body", "path_arguments", "code", "presence"}
# Since the screens without network show amounts; an older device says nothing of them.
_ALSO = {"shown"}


@dataclass(frozen=True, slots=True)
class Done:
    """What applying came to: the answer the page would have had, the claim, and what is to be told, the
    weightiest first: that one is the answer's, each may be an incident."""

    result: Json
    claim: Claim | None = None
    notes: tuple[DomainError, ...] = ()
    doubled: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """A readable content, before it is applied. `days`: those it must have been signed on, all of them;
    `not_after`: a day that must not follow the signature. Centimes."""

    apply: Callable[[Offline, datetime], Done]
    fse_number: str = ""
    insured_id: UUID | None = None
    charged: int = 0
    days: tuple[date, ...] = ()
    not_after: date | None = None
    eans: tuple[str, ...] = ()
    substances: tuple[str, ...] = ()
    code: str | None = None


def content_of(sealed: str, kind: str, device: Device, *, pack: str | None) -> Content:
    """Open and read a sealed content; `pack`: the reference pack that its envelope names.

    Raises SealedForUnknownKey, ContentUnreadable, DocumentOfAnotherDevice, EntryErrors and the refusals
    of `core.api.parsers`.
    """
    try:
        plain = loaded(opened(sealed))
    except SealedForAnother:
        raise SealedForUnknownKey from None
    except NotOpened:
        raise ContentUnreadable from None
    if not isinstance(plain, dict) or set(plain) - _ALSO != _KEYS or not _is_code(plain["code"]):
        raise ContentUnreadable
    # A proof of presence that cannot be read takes only itself away: its judge says so.
    if errors := unreadable_texts({**plain, "presence": None}):
        raise EntryErrors(errors)
    arguments = plain["path_arguments"]
    if not isinstance(arguments, dict):
        raise ContentUnreadable
    on_screen = read_shown(plain, pack)
    return _READERS[EnvelopeKind(kind)]({**plain, "shown": on_screen}, device)


def _is_code(code: Any) -> bool:
    return code is None or (isinstance(code, str) and len(code) <= LONGEST)


def _own(document: Json, device: Device) -> None:
    if document["device"] != device.kid:
        raise DocumentOfAnotherDevice(pointer="/document/device")


def _insured_of(patient: UUID) -> UUID | None:
    person = person_by_id(patient)
    return person.insured_id if person else None


def _prescription(plain: Json, device: Device) -> Content:
    body = plain["body"]
    entry = read_signed_prescription(body)
    _own(body["document"], device)
    draft = prescription_draft(entry["document"])

    def apply(offline: Offline, at: datetime) -> Done:
        try:
            written = prescriptions.write_prescription(
                draft=draft,
                signed=signed_document(body),
                code=body.get("code"),
                preparation=entry.get("preparation"),
                by=device.user,
                at=at,
                offline=offline,
            )
        except prescriptions.DocumentDiffersFromCode as differs:
            raise CodeContradicted from differs
        return Done(receipt_output(written))

    return Content(
        apply,
        fse_number=draft.fse_number,
        insured_id=_insured_of(draft.patient),
        days=(draft.written_on,),
        eans=tuple(line.ean for line in draft.lines if line.ean),
        substances=tuple(line.inn.name for line in draft.lines if line.inn),
    )


def _care_claim(plain: Json, device: Device) -> Content:
    body = plain["body"]
    entry = read(SignedCareClaimInput, body)
    _own(body["document"], device)
    draft = care_claim_draft(entry["document"])

    def apply(offline: Offline, at: datetime) -> Done:
        earlier = selectors.same_care(
            fse_number=draft.fse_number,
            provider_id=device.provider_id,
            lines=[(x.act, x.care_date, x.quantity, x.charged_centimes) for x in draft.lines],
        )
        if earlier is not None and not earlier.is_from_paper:
            return Done(judged(earlier), earlier, (Duplicate(),))
        receipt = claims.submit_claim(
            draft=draft,
            signed=signed_document(body),
            by=device.user,
            at=at,
            offline=offline,
            shown=verified(plain["shown"], draft, device, offline),
        )
        on_paper = claims.AlreadyOnPaper() if receipt.claim.is_from_paper else None
        told = _notes(on_paper, as_told(receipt))
        return Done(received(receipt), receipt.claim, told)

    return Content(
        apply,
        fse_number=draft.fse_number,
        insured_id=_insured_of(draft.patient),
        charged=sum(line.charged_centimes for line in draft.lines),
        not_after=max(line.care_date for line in draft.lines),
    )


def _dispensing(plain: Json, device: Device) -> Content:
    body = plain["body"]
    draft = read_dispensing(body)
    _own(body["document"], device)

    def apply(offline: Offline, at: datetime) -> Done:
        earlier = selectors.same_hand_over(
            fse_number=draft.fse_number,
            instance=draft.instance,
            pharmacy_id=device.provider_id,
            day=draft.dispensed_on,
            lines=[(line.position, line.ean or "", line.boxes) for line in draft.given],
            serials={pack.serial for line in draft.given for pack in line.packs if pack.serial},
        )
        if earlier is not None and not selectors.is_the_rest(
            earlier,
            device_id=device.pk,
            lines=[(line.position, line.boxes) for line in draft.given],
        ):
            return Done(judged(earlier), earlier, (Duplicate(),))
        _prescription_there(draft, device, offline, at)
        unproved = judge_presence(
            plain["presence"], patient=draft.patient, device=device, offline=offline, at=at
        )
        try:
            receipt = claims.dispense_medicine(
                draft=draft,
                signed=signed_document(body),
                by=device.user,
                at=at,
                offline=offline,
                shown=verified(plain["shown"], draft, device, offline),
            )
        except DomainError as refusal:
            raise _conflict_of(refusal) from refusal
        note, doubled = _beyond(draft.fse_number, device, offline, at)
        told = _notes(note, unproved, as_told(receipt))
        return Done(received(receipt), receipt.claim, told, doubled)

    return Content(
        apply,
        fse_number=draft.fse_number,
        insured_id=_insured_of(draft.patient),
        charged=sum(line.charged_centimes for line in draft.given),
        days=(draft.dispensed_on,),
        eans=tuple(line.ean for line in draft.given if line.ean),
        code=plain["code"],
    )


def _notes(*found: DomainError | None) -> tuple[DomainError, ...]:
    return tuple(each for each in found if each is not None)


def _prescription_there(
    draft: DispensingDraft, device: Device, offline: Offline, at: datetime
) -> None:
    """Make the prescription from the code if it has not come.

    One with a secret asks for its code, unless the pharmacy holds it: who opened it once and lost it to
    another counter has nothing left to show. Raises PrescriptionAwaited, Conflict.
    """
    fse_number = draft.fse_number
    try:
        known = prescriptions.materialise_prescription(
            fse_number=fse_number, offline=offline, at=at
        )
    except prescriptions.CodeDiffers as differs:
        raise CodeContradicted from differs
    except prescriptions.CodeSignerInvalid as wrong:
        raise NotDispensable(why=wrong.text()) from wrong
    except EntriesRefused as unlawful:
        raise NotDispensable(why=unlawful.errors[0].text()) from unlawful
    if known is not None:
        return
    known = prescription_by_number(fse_number, instance=draft.instance)
    if known is None:
        raise PrescriptionAwaited
    held_here = known.custodian_id == device.provider_id
    if known.document.get("secret") and not (held_here or offline.vouched):
        raise NotDispensable(why=prescriptions.SecretMissing().text())


# The boxes are out: what the prescription has become is for a person to weigh, not a refusal.
_WEIGHED = (
    prescriptions.PrescriptionCancelled,
    prescriptions.PrescriptionOnHold,
    prescriptions.PrescriptionRetracted,
    prescriptions.CommandRefused,
)
_WEIGHED_ENTRIES = (
    prescriptions.PackAlreadyPaid,
    prescriptions.PrescriptionExpired,
    prescriptions.NotValidYet,
)


def _conflict_of(refusal: DomainError) -> DomainError:
    """Return what a refusal of a hand-over with no network becomes: a conflict where it is weighed."""
    if isinstance(refusal, _WEIGHED):
        return NotDispensable(why=refusal.text())
    if isinstance(refusal, EntriesRefused):
        errors = refusal.errors
        if all(isinstance(each, _WEIGHED_ENTRIES) for each in errors):
            return NotDispensable(why=errors[0].text())
    return refusal


def _beyond(
    fse_number: str, device: Device, offline: Offline, at: datetime
) -> tuple[DomainError | None, tuple[UUID, ...]]:
    """Return what is told of boxes given twice, and their claims. Raises HandedOverHereAgain,
    HandedOverTwice (more than is paid in good faith), unless a person vouched."""
    beyond = selectors.beyond_of(fse_number)
    if not beyond:
        return None, ()
    if not offline.vouched:
        if selectors.pharmacies_of(fse_number).count(device.provider_id) > 1 and any(
            each.dispensing.pharmacy_id == device.provider_id for each in beyond
        ):
            raise HandedOverHereAgain
        paid = sum(each.charged_centimes * each.boxes_beyond // each.boxes for each in beyond)
        if paid > selectors.good_faith_centimes(offline.signed_at.date()):
            raise HandedOverTwice
    return PaidInGoodFaith(), tuple({each.dispensing.claim.pk for each in beyond})


def _cancellation(plain: Json, device: Device) -> Content:
    entry = read(CancellationInput, plain["body"])
    number = plain["path_arguments"].get("fse_number")
    if not isinstance(number, str) or not is_fse_number(number):
        raise ContentUnreadable(pointer="/path_arguments/fse_number")

    def apply(offline: Offline, at: datetime) -> Done:
        cancellation = prescriptions.cancel_prescription(
            fse_number=number,
            reason=entry["reason"],
            positions=[line["position"] for line in entry.get("lines", ())],
            by=device.user,
            at=at,
        )
        return Done(cancellation_output(cancellation, at=at))

    return Content(apply, fse_number=number, insured_id=_insured_of_number(number))


def _insured_of_number(fse_number: str) -> UUID | None:
    known: Prescription | None = prescription_by_number(fse_number)
    return known.insured_id if known else None


class ReversedInput(Input):
    """The claim to take back, or the envelope whose dispensing made it."""

    claim_id = IdentifierField(required=False)
    envelope = IdentifierField(required=False)


def _reversal(plain: Json, device: Device) -> Content:
    entry = read(CorrectionInput, plain["body"])
    asked = read(ReversedInput, plain["path_arguments"])

    def apply(offline: Offline, at: datetime) -> Done:
        if membership_on(device.user, device.provider, localdate(offline.signed_at)) is None:
            raise NotAMember(inpe=device.provider.inpe)
        correction = payments.reverse_dispensing(
            claim_id=_claim_of(asked, device),
            pharmacy=device.provider,
            reason=payments.CorrectionReason(entry["reason"]),
            by=device.user,
            at=at,
        )
        claim = correction.claim
        return Done({"id": str(claim.pk), "outcome": correction.outcome}, claim)

    return Content(apply)


def _claim_of(asked: Json, device: Device) -> UUID:
    """The claim named, or that of a dispensing this device sent. Raises ReversalUnknown."""
    if "claim_id" in asked:
        return UUID(str(asked["claim_id"]))
    sent: Iterable[Envelope] = selectors.envelopes_named([asked.get("envelope")]).values()
    for envelope in sent:
        if envelope.device_id == device.pk and envelope.claim_id is not None:
            return envelope.claim_id
    raise ReversalUnknown


_READERS: dict[EnvelopeKind, Callable[[Json, Device], Content]] = {
    EnvelopeKind.PRESCRIPTION: _prescription,
    EnvelopeKind.CARE_CLAIM: _care_claim,
    EnvelopeKind.DISPENSING: _dispensing,
    EnvelopeKind.CANCELLATION: _cancellation,
    EnvelopeKind.REVERSAL: _reversal,
}
