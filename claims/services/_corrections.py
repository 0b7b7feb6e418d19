"""A dispensing corrected with its claim, in one transaction: taken back, or replaced by a new version."""

from datetime import datetime
from typing import Any
from uuid import UUID

from claims.models import Claim
from claims.services._lines import known_for_dispensing, medicine_lines
from claims.services._refusals import ClaimUnderControl
from claims.services._submission import (
    Receipt,
    arrival_of,
    illnesses_of,
    judge_and_write,
    new_claim,
    sent_again,
    signing_device,
)
from claims.states import CLAIM_MACHINE, ClaimState
from core import audit, pipeline, transitions
from core.audit import Actor
from core.signatures import SignedDocument
from prescriptions.intake import DispensingDraft
from prescriptions.services import replace_dispensing, take_back_dispensing

S = ClaimState
# Its money was promised, or is with the payee: the caller posts the opposite entries.
OWED_STATES = (S.APPROVED, S.PAYMENT_FAILED, S.PAID)
# Nothing is left to take back of the claim itself.
OVER_STATES = (S.DENIED, S.CANCELLED, S.REVERSED)


def reverse_dispensing(
    claim: Claim, *, pharmacy_id: UUID | None, by: Actor, at: datetime, reason: str
) -> None:
    """Take a dispensing back with its claim: boxes may be dispensed again, uses of the claim are free.

    The caller holds the lock of the insured person and the claim's row, and posts the opposite entries of
    what was approved. `pharmacy_id`: who corrects its own dispensing, None for an office. Raises
    ClaimUnderControl, TransitionRefused and what `take_back_dispensing` does.
    """
    take_back_dispensing(
        dispensing=claim.dispensing, pharmacy_id=pharmacy_id, by=by, at=at, reason=reason
    )
    end_claim(claim, by=by, at=at, reason=reason)


def end_claim(claim: Claim, *, by: Actor, at: datetime, reason: str) -> None:
    """Take out of effect the claim of a dispensing that no longer stands.

    Raises ClaimUnderControl for a claim that somebody looks into, TransitionRefused for one in payment.
    """
    if claim.state in OVER_STATES:
        return
    to = S.REVERSED if claim.state in OWED_STATES else S.CANCELLED
    if claim.state == S.HELD and not CLAIM_MACHINE.allows(claim.state, to):
        raise ClaimUnderControl
    before = {"state": claim.state}
    transitions.move(claim, to, by=by, at=at, reason=reason, settled_at=None)
    audit.record(
        by=by,
        at=at,
        action="claims.claim.taken_back",
        subject=claim,
        insured_id=claim.insured_id,
        before=before,
        after={"state": claim.state, "reason": reason},
    )


def amend_dispensing(
    *, replaced: Claim, draft: DispensingDraft, signed: SignedDocument, by: Any, at: datetime
) -> Receipt:
    """Replace a dispensing and its claim by a new version. The same document again gives the same claim.

    The caller holds the claim's row, and posts the opposite entries of what was approved. Raises the
    refusals of `dispense_medicine`, of `replace_dispensing` and of `end_claim`.
    """
    with pipeline.transaction():
        arrival = arrival_of(draft, signed, by, at)
        if arrival.received is not None and sent_again(arrival.received, signed, by):
            return Receipt(arrival.received)
        device = signing_device(arrival, draft, signed, by, minted=False)
        patient, medicines = known_for_dispensing(draft, arrival.patient)
        if arrival.received is not None:
            return Receipt(arrival.received)
        dispensing = replace_dispensing(
            old=replaced.dispensing, draft=draft, signed=signed, device=device, by=by, at=at
        )
        end_claim(replaced, by=by, at=at, reason="AMENDED")
        claim = new_claim(Claim.Kind.DISPENSING, draft, patient, device, by, at)
        claim.dispensing = dispensing
        lines = medicine_lines(claim, draft, medicines, illnesses_of(dispensing))
        return judge_and_write(claim, lines, arrival, by=by, at=at)
