"""Every rule, in the order a person reads them; and those the product has no inputs for."""

from types import ModuleType

from fraud.rules import care_after_death as after_death
from fraud.rules import early_refill
from fraud.rules import more_than_a_day as a_day
from fraud.rules import same_care_again as again
from fraud.rules.facts import Detect, Detector
from fraud.rules.rule import NotCoded, Rule

MODULES: tuple[ModuleType, ...] = (again, early_refill)
RULES: tuple[Rule, ...] = tuple(module.RULE for module in MODULES)
SQL: dict[str, str] = {module.RULE.name: module.SQL for module in MODULES}

# What runs on each claim before any money leaves.
DETECTORS: tuple[tuple[Detector, Detect], ...] = (
    (Detector.CARE_AFTER_DEATH, after_death.care_after_death),
    (Detector.SAME_CARE_AGAIN, again.same_care_again),
    (Detector.MORE_THAN_A_DAY, a_day.more_than_a_day),
)

NOT_CODED: tuple[NotCoded, ...] = ()
