"""A confirmed case of fraud becomes requests of reversal: the controls and the payments meet here only."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from fraud.models import CaseRecovery
from payments.models import Reversal
from payments.services import ClaimAlreadyReversed, Grounds, ReversalUnderWay, ask_reversal


def ask_recoveries(*, subject_ids: Sequence[UUID], at: datetime) -> None:
    """Ask, in the name of who decided the case, that each claim be taken back.

    Subscriber of `fraud.case.recovery_decided`. A second person confirms at payments, and what was paid
    becomes a debt there. Told again, it asks nothing again, even what the second person refused; a claim
    that somebody else already takes back is left to them. Raises ClaimInPayment, ClaimNotReversible,
    ReversalTooLate: the message is then tried again and ends with a person.
    """
    recoveries = CaseRecovery.objects.filter(id__in=subject_ids).select_related("decision__case")
    for recovery in recoveries.order_by("id"):
        decision = recovery.decision
        number = decision.case.number
        if Reversal.objects.filter(claim=recovery.claim_id, evidence_reference=number).exists():
            continue
        grounds = Grounds(
            reason=Reversal.Reason.PROVEN_FRAUD,
            explanation=decision.reason[:500],
            evidence_reference=number,
            evidence_sha256=recovery.evidence_sha256,
        )
        try:
            ask_reversal(claim_id=recovery.claim_id, grounds=grounds, by=decision.by, at=at)
        except (ClaimAlreadyReversed, ReversalUnderWay):
            continue
