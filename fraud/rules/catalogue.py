"""The detectors in force, in the order a person reads their signals."""

from fraud.rules.care_after_death import care_after_death
from fraud.rules.facts import Detector, Rule
from fraud.rules.more_than_a_day import more_than_a_day
from fraud.rules.same_care_again import same_care_again

DETECTORS: tuple[tuple[Detector, Rule], ...] = (
    (Detector.CARE_AFTER_DEATH, care_after_death),
    (Detector.SAME_CARE_AGAIN, same_care_again),
    (Detector.MORE_THAN_A_DAY, more_than_a_day),
)
