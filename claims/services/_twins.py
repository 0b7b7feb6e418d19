"""The electronic twin of a paper sheet: it takes the sheet's number, or meets its paper."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from claims import selectors
from claims.intake import ActLine, CareClaimDraft
from claims.models import Claim, PaperFile, PaperSheet, PaperTwin
from claims.rules.paper_twins import BilledLine, difference_of
from claims.services._paper_refusals import PaperNumberForeign
from claims.states import PaperState, SheetState
from core import audit, transitions
from core.signatures import SignedDocument, document_hash
from providers.models import Device, Provider


def check_takes_number(sheet: PaperSheet, provider: Provider, *, opened: bool) -> None:
    """Raise PaperNumberForeign unless the sheet is of the provider's pad, or was opened by its owner."""
    if not opened and sheet.provider_id != provider.pk:
        raise PaperNumberForeign(pointer="/document/fse_number", number=sheet.fse_number)


def meet_paper(
    sheet: PaperSheet,
    *,
    draft: CareClaimDraft,
    signed: SignedDocument,
    device: Device,
    by: Any,
    at: datetime,
) -> Claim | None:
    """Return the claim that the paper of this sheet made for this provider, the twin kept beside it; or
    None, the sheet marked as used, when no paper made one. The caller holds the number."""
    paper = selectors.living_paper(sheet=sheet, provider=device.provider)
    made_one = paper is not None and paper.claim.is_from_paper
    if paper is None or not made_one or paper.claim.state in selectors.WITHOUT_EFFECT:
        if sheet.provider_id == device.provider_id:
            move_sheet(sheet, SheetState.USED, by=by, at=at)
        return None
    digest = document_hash(signed.document)
    if not paper.twins.filter(document_hash=digest).exists():
        _keep(paper, signed, digest, device, at)
        difference = difference_of(selectors.billed_lines(paper.claim), lines_of(draft.lines))
        to = PaperState.QUESTIONED if difference else PaperState.MERGED
        if paper.MACHINE.allows(paper.state, to):
            transitions.move(paper, to, by=by, at=at, difference=difference or paper.difference)
        if sheet.provider_id == device.provider_id:
            move_sheet(sheet, SheetState.MERGED, by=by, at=at)
        audit.record(
            by=by,
            at=at,
            action="claims.paperfile.met",
            subject=paper,
            insured_id=paper.insured_id,
            after={"hash": digest, "difference": difference},
        )
    return paper.claim


def _keep(
    paper: PaperFile, signed: SignedDocument, digest: str, device: Device, at: datetime
) -> None:
    PaperTwin.objects.create(
        file=paper,
        device=device,
        document=signed.document,
        document_hash=digest,
        signature=signed.signature,
        received_at=at,
    )


def move_sheet(sheet: PaperSheet, to: SheetState, *, by: Any, at: datetime) -> None:
    """Move a sheet where its table lets it go; one that is further on stays."""
    if sheet.MACHINE.allows(sheet.state, to):
        transitions.move(sheet, to, by=by, at=at)


def lines_of(lines: Sequence[ActLine]) -> list[BilledLine]:
    """Return the lines of a draft as they are compared."""
    return [BilledLine(x.act, x.care_date, x.quantity, x.charged_centimes) for x in lines]
