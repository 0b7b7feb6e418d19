"""The medicine list, prescriptions, and what was dispensed of them."""

from prescriptions.models.codes import PrescriptionCode, Verdict
from prescriptions.models.dispensings import (
    DEFINITIVE,
    DispensedItem,
    DispensedPack,
    Dispensing,
    LineOutcome,
    NotDispensed,
    Outcome,
    PendingDispensing,
    SubstitutionReason,
)
from prescriptions.models.medicines import Medicine, MedicinePrice
from prescriptions.models.prescriptions import (
    LineKind,
    OrderKind,
    PrescribedItem,
    Prescription,
    Provenance,
)
from prescriptions.models.requests import (
    PrescriptionRequest,
    RequestAnswer,
    RequestKind,
    RequestMessage,
)
from prescriptions.models.safety import (
    SafetyAlert,
    SafetyDemotion,
    ThesaurusEdition,
    ThesaurusEntry,
    ThesaurusSubstance,
)
from prescriptions.models.writing import NarcoticEntry, Preparation, Protocol

__all__ = [
    "DEFINITIVE",
    "DispensedItem",
    "DispensedPack",
    "Dispensing",
    "LineKind",
    "LineOutcome",
    "Medicine",
    "MedicinePrice",
    "NarcoticEntry",
    "NotDispensed",
    "OrderKind",
    "Outcome",
    "PendingDispensing",
    "Preparation",
    "PrescribedItem",
    "Prescription",
    "PrescriptionCode",
    "PrescriptionRequest",
    "Protocol",
    "Provenance",
    "RequestAnswer",
    "RequestKind",
    "RequestMessage",
    "SafetyAlert",
    "SafetyDemotion",
    "SubstitutionReason",
    "ThesaurusEdition",
    "ThesaurusEntry",
    "ThesaurusSubstance",
    "Verdict",
]
