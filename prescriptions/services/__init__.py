"""Every write on prescriptions. One transaction each."""

from prescriptions.services._custody import (
    release_custody,
    take_custody,
)
from prescriptions.services._dispensing import (
    product,
    record_dispensing,
)
from prescriptions.services._refusals import (
    AlreadyDispensed,
    DispensedBeforeWritten,
    FseNumberTaken,
    FutureDay,
    HeldByAnother,
    LineNotPrescribed,
    MedicineUnknown,
    NotAPharmacy,
    NotAPrescriber,
    NotTheAuthor,
    PatientUnknown,
    PrescriptionCancelled,
    PrescriptionExpired,
    PrescriptionNotFound,
    SubstitutionNotAllowed,
    TooManyBoxes,
    WrongPatient,
)
from prescriptions.services._writing import (
    cancel_prescription,
    medicines_by_ean,
    read_prescription,
    write_prescription,
)

__all__ = [
    "AlreadyDispensed",
    "DispensedBeforeWritten",
    "FseNumberTaken",
    "FutureDay",
    "HeldByAnother",
    "LineNotPrescribed",
    "MedicineUnknown",
    "NotAPharmacy",
    "NotAPrescriber",
    "NotTheAuthor",
    "PatientUnknown",
    "PrescriptionCancelled",
    "PrescriptionExpired",
    "PrescriptionNotFound",
    "SubstitutionNotAllowed",
    "TooManyBoxes",
    "WrongPatient",
    "cancel_prescription",
    "medicines_by_ean",
    "product",
    "read_prescription",
    "record_dispensing",
    "release_custody",
    "take_custody",
    "write_prescription",
]
