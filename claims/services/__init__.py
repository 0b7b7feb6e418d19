"""Every write on care sheets and claims."""

from claims.services._clocks import clocks_of
from claims.services._judgement import adjudicate_claims
from claims.services._payment import (
    fail_claims,
    schedule_claims,
    settle_claims,
    unschedule_claims,
)
from claims.services._refusals import (
    ActUnknown,
    ActUnmapped,
    ClaimNotCancellable,
    MedicineWithoutPrice,
    ReasonMissing,
    SheetOfAnother,
)
from claims.services._replay import Replay, replay_decisions
from claims.services._review import (
    approve_claims,
    cancel_claim,
    decide_review,
    end_hold,
    hold_claim,
    read_claim,
    refuse_claim,
    release_claim,
)
from claims.services._submission import (
    Estimate,
    RightsAnswer,
    check_rights,
    dispense_medicine,
    estimate,
    submit_claim,
)

__all__ = [
    "ActUnknown",
    "ActUnmapped",
    "ClaimNotCancellable",
    "Estimate",
    "MedicineWithoutPrice",
    "ReasonMissing",
    "Replay",
    "RightsAnswer",
    "SheetOfAnother",
    "adjudicate_claims",
    "approve_claims",
    "cancel_claim",
    "check_rights",
    "clocks_of",
    "decide_review",
    "dispense_medicine",
    "end_hold",
    "estimate",
    "fail_claims",
    "hold_claim",
    "read_claim",
    "refuse_claim",
    "release_claim",
    "replay_decisions",
    "schedule_claims",
    "settle_claims",
    "submit_claim",
    "unschedule_claims",
]
