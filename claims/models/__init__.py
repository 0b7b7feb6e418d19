"""Care sheets, claims, acts, decisions: re-exported under one name."""

from claims.models.act import Act, PriorApproval
from claims.models.care_sheet import CareSheet
from claims.models.claim import Claim, ClaimLine, ProviderDay, Screening
from claims.models.decision import ApprovalUse, Decision, DecisionStep, LineDecision
from claims.models.shadow_law import ShadowLaw

__all__ = [
    "Act",
    "ApprovalUse",
    "CareSheet",
    "Claim",
    "ClaimLine",
    "Decision",
    "DecisionStep",
    "LineDecision",
    "PriorApproval",
    "ProviderDay",
    "Screening",
    "ShadowLaw",
]
