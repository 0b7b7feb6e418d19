"""What a signed document is answered with: the claim, and the decision that was taken on it."""

from claims import selectors, services
from claims.models import Claim
from claims.presenters import judged_claim_output, receipt_output
from core.api.serializers import Json


def received(receipt: services.Receipt) -> Json:
    """A document received now, or before."""
    if receipt.decision is None:
        return judged(receipt.claim)
    return receipt_output(receipt)


def judged(claim: Claim) -> Json:
    """A claim with its current decision and its steps."""
    decision = selectors.decision_of(claim)
    steps = selectors.steps_of(decision) if decision else []
    return judged_claim_output(claim, decision, steps)
