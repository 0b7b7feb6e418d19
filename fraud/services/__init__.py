"""Every write of the controls: the gate before payment, holds, rules, nights, cases."""

from fraud.services._breaker import BREAKER, watch_rules
from fraud.services._cases import (
    RECOVERY_DECIDED,
    CaseMovedOn,
    CaseOfAnother,
    NotRecoverable,
    decide_case,
    give_case_back,
    note_case,
    open_case_file,
    reopen_case,
    take_case,
)
from fraud.services._files import open_file, record_export
from fraud.services._holds import (
    CLOCK,
    ClaimNotHeld,
    HoldAlreadyEnded,
    confirm_review,
    deny_review,
    end_holds,
    refuse_hold,
    release_hold,
)
from fraud.services._night import (
    NightUnderWay,
    advance_night,
    ring_night,
    start_night,
    stop_night,
)
from fraud.services._opening import open_cases
from fraud.services._rules import (
    RuleUnchanged,
    RuleUnknown,
    ShadowTooShort,
    ShadowUnderWay,
    StatisticNeverRefuses,
    ThresholdRefused,
    draft_rule,
    drop_rule,
    switch_on_rule,
)
from fraud.services._screening import SCREENING, note_double_handovers, screen_claims

__all__ = [
    "BREAKER",
    "CLOCK",
    "RECOVERY_DECIDED",
    "SCREENING",
    "CaseMovedOn",
    "CaseOfAnother",
    "ClaimNotHeld",
    "HoldAlreadyEnded",
    "NightUnderWay",
    "NotRecoverable",
    "RuleUnchanged",
    "RuleUnknown",
    "ShadowTooShort",
    "ShadowUnderWay",
    "StatisticNeverRefuses",
    "ThresholdRefused",
    "advance_night",
    "confirm_review",
    "decide_case",
    "deny_review",
    "draft_rule",
    "drop_rule",
    "end_holds",
    "give_case_back",
    "note_case",
    "note_double_handovers",
    "open_case_file",
    "open_cases",
    "open_file",
    "record_export",
    "refuse_hold",
    "release_hold",
    "reopen_case",
    "ring_night",
    "screen_claims",
    "start_night",
    "stop_night",
    "switch_on_rule",
    "take_case",
    "watch_rules",
]
