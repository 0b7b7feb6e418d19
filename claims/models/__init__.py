"""Care sheets, claims, acts, decisions, what waits: re-exported under one name."""

from claims.models.act import Act, PriorApproval
from claims.models.care_sheet import CareSheet
from claims.models.claim import Claim, ClaimDocument, ClaimLine, ProviderDay, Screening
from claims.models.decision import CountedUse, Decision, LawVersion, LineDecision
from claims.models.paper import PaperFile, PaperPad, PaperScan, PaperSheet, PaperTwin
from claims.models.shadow_law import ShadowLaw
from claims.models.shown import ShownAmount, ShownCause
from claims.models.work import Run, WaitingClaim

__all__ = [
    "Act",
    "CareSheet",
    "Claim",
    "ClaimDocument",
    "ClaimLine",
    "CountedUse",
    "Decision",
    "LawVersion",
    "LineDecision",
    "PaperFile",
    "PaperPad",
    "PaperScan",
    "PaperSheet",
    "PaperTwin",
    "PriorApproval",
    "ProviderDay",
    "Run",
    "Screening",
    "ShadowLaw",
    "ShownAmount",
    "ShownCause",
    "WaitingClaim",
]
