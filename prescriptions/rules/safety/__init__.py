"""Safety of a treatment: interactions, duplicates, allergies, pregnancy, age, dose, long illness, renewal.

Pure: the treatments, the patient and the thesaurus are handed in; small sourced tables are beside, in
`facts/`. What no table covers comes back as « not checked », never as silence.
"""

from prescriptions.rules.safety.alerts import (
    Alert,
    Allergy,
    Case,
    Condition,
    Gap,
    Kind,
    Level,
    NotChecked,
    Patient,
    Product,
    Report,
    Severity,
    Source,
    Treatment,
)
from prescriptions.rules.safety.checking import check, highest_interaction
from prescriptions.rules.safety.facts import facts, settings_on
from prescriptions.rules.safety.thesaurus import Interaction, Thesaurus, interaction

__all__ = [
    "Alert",
    "Allergy",
    "Case",
    "Condition",
    "Gap",
    "Interaction",
    "Kind",
    "Level",
    "NotChecked",
    "Patient",
    "Product",
    "Report",
    "Severity",
    "Source",
    "Thesaurus",
    "Treatment",
    "check",
    "facts",
    "highest_interaction",
    "interaction",
    "settings_on",
]
