"""A pharmacy corrects its own dispensing: boxes, claim and ledger move together or not at all."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from claims import services as claim_services
from claims.models import Claim
from claims.services import Receipt
from claims.states import ClaimState
from core.errors import DomainError
from core.signatures import SignedDocument
from payments import rules, selectors
from payments.models import Posting, Reversal
from payments.services._posting import post_approvals, write
from payments.services._reversals import (
    Grounds,
    ReversalUnderWay,
    check_in_time,
    check_reversible,
    event_of,
    known_request,
    locked_claim,
    open_reversal,
)
from payments.states import ReversalState
from prescriptions.intake import DispensingDraft
from prescriptions.services import NotYourDispensing
from prescriptions.states import DispensingState
from providers.models import Provider


class CorrectionReason(TextChoices):
    """Why a pharmacy takes a dispensing back."""

    GOODS_BACK = "GOODS_BACK", _("boîtes rapportées")
    WRONG_PATIENT = "WRONG_PATIENT", _("remis à une autre personne")
    WRONG_PRODUCT = "WRONG_PRODUCT", _("produit ou quantité inexacts")
    ENTRY_ERROR = "ENTRY_ERROR", _("erreur de saisie")


# The same, as the fund's reversals say it.
_GROUNDS = {
    CorrectionReason.GOODS_BACK: Reversal.Reason.CARE_NOT_GIVEN,
    CorrectionReason.WRONG_PATIENT: Reversal.Reason.WRONG_PATIENT,
    CorrectionReason.WRONG_PRODUCT: Reversal.Reason.WRONG_ACT,
    CorrectionReason.ENTRY_ERROR: Reversal.Reason.WRONG_ACT,
}
PAID_STATES = (ClaimState.PAID, ClaimState.PAYMENT_FAILED, ClaimState.SCHEDULED)


class PaidAlready(DomainError):
    """What the bank has paid is first taken back; a new version comes after."""

    code = "DISPENSING_PAID"
    message = _(
        "Cette délivrance est payée ou en paiement : elle ne se rectifie plus. Rien n’a été modifié ; "
        "demandez sa reprise, puis délivrez de nouveau."
    )


@dataclass(frozen=True, slots=True)
class Correction:
    """What came of it: REVERSED at once, or ASKED when a person of the fund must confirm first."""

    claim: Claim
    outcome: Literal["REVERSED", "ASKED"]


def reverse_dispensing(
    *, claim_id: UUID, pharmacy: Provider, reason: CorrectionReason, by: Any, at: datetime
) -> Correction:
    """Take a dispensing back, by the pharmacy that made it; doing it again gives the success again.

    What was not paid is taken back at once. What was paid becomes a debt: a second person, of the fund,
    confirms it, and boxes and claim come back then, together. Raises NotYourDispensing, ClaimInPayment,
    ClaimUnderControl, ReversalUnderWay, ReversalTooLate, and what `take_back_dispensing` does.
    """
    with transaction.atomic():
        claim = _locked_dispensing_claim(claim_id, pharmacy)
        if claim.dispensing.state == DispensingState.REVERSED:
            return Correction(claim, "REVERSED")
        if claim.state in PAID_STATES:
            _ask(claim, reason, by=by, at=at)
            return Correction(claim, "ASKED")
        owed = _owed(claim, at=at)
        claim_services.reverse_dispensing(
            claim, pharmacy_id=pharmacy.pk, by=by, at=at, reason=reason
        )
        _undo(claim, owed, at=at)
    return Correction(claim, "REVERSED")


def amend_dispensing(
    *,
    claim_id: UUID,
    pharmacy: Provider,
    draft: DispensingDraft,
    signed: SignedDocument,
    by: Any,
    at: datetime,
) -> Receipt:
    """Replace a dispensing and its claim by a new version, by the pharmacy that made it.

    The same document again gives the same claim. What the fund asks back is not amended meanwhile: its
    new version would be paid. Raises NotYourDispensing, PaidAlready, ReversalUnderWay,
    ClaimUnderControl and what `claims.services.amend_dispensing` does.
    """
    with transaction.atomic():
        claim = _locked_dispensing_claim(claim_id, pharmacy)
        if draft.replaces != claim.dispensing.document_hash:
            raise NotYourDispensing(pointer="/document/replaces")
        if claim.state in PAID_STATES:
            raise PaidAlready
        if Reversal.objects.filter(claim=claim, state=ReversalState.REQUESTED).exists():
            raise ReversalUnderWay
        owed = _owed(claim, at=at)
        receipt = claim_services.amend_dispensing(
            replaced=claim, draft=draft, signed=signed, by=by, at=at
        )
        _undo(claim, owed, at=at)
    return receipt


def _locked_dispensing_claim(claim_id: UUID, pharmacy: Provider) -> Claim:
    known = Claim.objects.filter(
        pk=claim_id, provider=pharmacy, kind=Claim.Kind.DISPENSING
    ).exists()
    if not known:
        raise NotYourDispensing
    return locked_claim(claim_id)


def _owed(claim: Claim, *, at: datetime) -> int:
    """Return what the claim's approval made owed, posted by now, in centimes."""
    if claim.state != ClaimState.APPROVED:
        return 0
    post_approvals([claim], at=at)
    return claim.reimbursed_centimes


def _undo(claim: Claim, owed: int, *, at: datetime) -> None:
    """Post that what was owed is owed no longer; a claim that was not taken back owes as before."""
    if not owed or claim.state != ClaimState.REVERSED:
        return
    payee = selectors.payee_of(claim)
    movement = rules.reversal(payee, owed)
    source: Any = claim.dispensing_id
    write([event_of(Posting.Kind.REVERSED, source, movement, claim, payee)], at=at)


def _ask(claim: Claim, reason: CorrectionReason, *, by: Any, at: datetime) -> None:
    """Ask the fund to take back what it paid; the signed dispensing is the evidence."""
    dispensing: Any = claim.dispensing
    grounds = Grounds(
        reason=_GROUNDS[reason],
        explanation=str(reason.label),
        evidence_reference=f"waraqa/dispensing {claim.sheet.fse_number}",
        evidence_sha256=dispensing.document_hash,
    )
    if known_request(claim, grounds, by) is None:
        check_reversible(claim)
        check_in_time(claim, at)
        open_reversal(claim, grounds, by=by, at=at)
