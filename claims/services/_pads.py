"""Pads of paper sheets: ordered, declared lost; a printed number read back."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from claims import selectors
from claims.models import CareSheet, Claim, PaperFile, PaperPad, PaperSheet
from claims.permissions import check_keeps_pads, check_receives_paper
from claims.rules.paper_code import PaperCode, signed_content, understood
from claims.services._paper_refusals import (
    PadPlaceWrong,
    PadsEnough,
    PadSizeWrong,
    PaperCodeForged,
    PaperCodeUnreadable,
    PaperNumberUnknown,
    PaperNumberVoid,
)
from claims.states import PadState, SheetState
from core import audit, locks, seal, signatures, transitions
from core.numbers import ALPHABET, PAPER_PREFIX, is_paper_number, mint_fse_number
from core.record_keys import new_key
from providers.models import Provider

# A draw that meets a number of another sheet is rare; five in a row do not happen.
_DRAWS = 5


def order_pad(*, provider: Provider, sheets: int, by: Any, at: datetime) -> PaperPad:
    """Issue a pad of numbered, signed sheets for a provider.

    Raises PadNotYours, PadSizeWrong, PadsEnough, SealMissing.
    """
    day = localdate(at)
    check_keeps_pads(by, provider, on=day)
    rules = selectors.pad_rules(day)
    if not rules["smallest"] <= sheets <= rules["largest"]:
        raise PadSizeWrong(pointer="/sheets", smallest=rules["smallest"], largest=rules["largest"])
    with transaction.atomic():
        locks.hold_names([f"pads of {provider.pk}"])
        held = selectors.blank_sheets(provider)
        if held + sheets > rules["blank"]:
            raise PadsEnough(held=held, blank=rules["blank"])
        pad = _issued(provider, sheets, day, by)
        transitions.born(pad, by=by, at=at)
        transitions.born_all(_printed(pad), by=by, at=at)
        audit.record(
            by=by,
            at=at,
            action="claims.paperpad.ordered",
            subject=pad,
            after={"inpe": provider.inpe, "sheets": sheets, "reference": pad.reference},
        )
    return pad


def _issued(provider: Provider, sheets: int, day: date, by: Any) -> PaperPad:
    tail = "".join(secrets.choice(ALPHABET) for _ in range(6))
    return PaperPad.objects.create(
        reference=f"C{day:%y%m%d}-{tail}",
        provider=provider,
        sheet_count=sheets,
        issued_on=day,
        ordered_by=by,
        seal_jwk=signatures.jwk_of(seal.private_key().public_key()),
        state=PadState.ISSUED,
    )


def _printed(pad: PaperPad) -> list[PaperSheet]:
    """Draw the numbers of a pad and sign each; a number that another sheet has is drawn again."""
    key = seal.private_key()
    for _draw in range(_DRAWS):
        numbers = {mint_fse_number(PAPER_PREFIX) for _ in range(pad.sheet_count)}
        rows = [
            PaperSheet(
                id=new_key(),
                fse_number=number,
                provider=pad.provider,
                pad=pad,
                position=position,
                signature=signatures.sign(content_of(number, pad), key),
                state=SheetState.BLANK,
            )
            for position, number in enumerate(sorted(numbers), start=1)
        ]
        try:
            with transaction.atomic():
                if len(rows) == pad.sheet_count:
                    return PaperSheet.objects.bulk_create(rows)
        except IntegrityError:
            continue
    raise IntegrityError("no free number for a paper sheet")


def content_of(number: str, pad: PaperPad) -> dict[str, Any]:
    """Return what the seal signs of one sheet of a pad."""
    return signed_content(
        number=number,
        inpe=pad.provider.inpe,
        pad=pad.reference,
        issued_on=pad.issued_on.isoformat(),
    )


def declare_pad_lost(*, pad: PaperPad, first: int, by: Any, at: datetime) -> int:
    """Void the blank sheets of a pad from place `first` on; return how many. Those before stay good:
    patients hold them.

    Raises PadNotYours, PadPlaceWrong, TransitionRefused.
    """
    check_keeps_pads(by, pad.provider, on=localdate(at))
    if not 1 <= first <= pad.sheet_count:
        raise PadPlaceWrong(pointer="/first", last=pad.sheet_count)
    with transaction.atomic():
        transitions.move(pad, PadState.LOST, by=by, at=at)
        lost = list(
            PaperSheet.objects.select_for_update()
            .filter(pad=pad, position__gte=first, state=SheetState.BLANK)
            .order_by("pk")
        )
        transitions.move_all(lost, SheetState.VOID, by=by, at=at)
        audit.record(
            by=by,
            at=at,
            action="claims.paperpad.lost",
            subject=pad,
            after={"first": first, "void": len(lost)},
        )
    return len(lost)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of a number at the desk: its sheet if it is one of paper, the claims under it that
    count, the papers already received, and how the number was read."""

    number: str
    proof: PaperFile.Proof
    sheet: PaperSheet | None
    opened: CareSheet | None
    claims: tuple[Claim, ...]


def read_sheet(*, text: str, by: Any, at: datetime) -> Reading:
    """Understand a scanned code or a typed number, check its signature, and record that it was read.

    Raises PaperNotYours, PaperCodeUnreadable, PaperCodeForged, PaperNumberUnknown, PaperNumberVoid.
    """
    check_receives_paper(by)
    code = understood(text)
    if code is None:
        raise PaperCodeUnreadable(pointer="/code")
    sheet, opened = selectors.sheet_of_number(code.number), selectors.opened_sheet(code.number)
    if sheet is None and (opened is None or code.signature is not None):
        raise PaperCodeForged if code.signature else PaperNumberUnknown(number=code.number)
    if sheet is not None:
        check_printed(sheet, code)
    audit.record(
        by=by,
        at=at,
        action="claims.papersheet.read",
        subject=sheet or opened,
        insured_id=opened.insured_id if opened else None,
        after={"scanned": code.signature is not None},
    )
    proof = PaperFile.Proof.SCANNED if code.signature else PaperFile.Proof.TYPED
    claims = tuple(selectors.living_claims(code.number))
    return Reading(code.number, proof, sheet, opened, claims)


def check_printed(sheet: PaperSheet, code: PaperCode) -> None:
    """Raise PaperCodeForged or PaperNumberVoid unless our seal signed this code and it still holds."""
    if code.signature is not None and not (
        sheet.pad is not None
        and signatures.is_signed(
            content_of(sheet.fse_number, sheet.pad), code.signature, sheet.pad.seal_jwk
        )
    ):
        raise PaperCodeForged(pointer="/code")
    if sheet.state == SheetState.VOID:
        raise PaperNumberVoid(number=sheet.fse_number)


def sheet_held(number: str) -> PaperSheet | None:
    """Return the paper sheet of a number, its row held, or None for a number minted on a device.

    Raises PaperNumberUnknown, PaperNumberVoid.
    """
    if not is_paper_number(number):
        return None
    sheet = (
        PaperSheet.objects.select_for_update(of=("self",))
        .select_related("pad", "provider")
        .filter(fse_number=number)
        .first()
    )
    if sheet is None:
        raise PaperNumberUnknown(pointer="/document/fse_number", number=number)
    if sheet.state == SheetState.VOID:
        raise PaperNumberVoid(pointer="/document/fse_number", number=number)
    return sheet


def record_printing(*, pad: PaperPad, by: Any, at: datetime) -> None:
    """Record that a person took the PDF of a pad: whoever holds it holds its numbers. Raises PadNotYours."""
    check_keeps_pads(by, pad.provider, on=localdate(at))
    audit.record(by=by, at=at, action="claims.paperpad.printed", subject=pad)
