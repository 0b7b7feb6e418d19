"""What the controls saw, the rules they saw it by, the nights they ran, and what people decided."""

from fraud.models.aid import RankingAid
from fraud.models.case import Case, CaseDecision, CaseItem, CaseNote, CaseParty, CaseRecovery
from fraud.models.night import Alarm, NightRun, NightStep
from fraud.models.rule import RuleSuspension, RuleVersion
from fraud.models.signal import HoldDecision, Signal

__all__ = [
    "Alarm",
    "Case",
    "CaseDecision",
    "CaseItem",
    "CaseNote",
    "CaseParty",
    "CaseRecovery",
    "HoldDecision",
    "NightRun",
    "NightStep",
    "RankingAid",
    "RuleSuspension",
    "RuleVersion",
    "Signal",
]
