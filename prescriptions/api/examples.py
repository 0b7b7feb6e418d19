"""Examples of medicines and prescriptions."""

from drf_spectacular.utils import OpenApiExample

from core.api.examples import (
    DOCTOR,
    KID,
    MEDICINE,
    NUMBER,
    PATIENT,
    PERSON,
    PHARMACY,
    SIGNATURE,
)

MEDICINES = {"results": [MEDICINE]}
DOSE = {"morning": "1", "noon": "0", "evening": "1", "bedtime": "0"}
DOCUMENT = {
    "type": "waraqa/prescription",
    "version": 2,
    "fse_number": NUMBER,
    "device": KID,
    "provider": DOCTOR["inpe"],
    "patient": PATIENT,
    "written_on": "2026-11-22",
    "starts_on": None,
    "repeats": None,
    "secret": "7KQ2ZD",
    "lines": [
        {
            "position": 1,
            "kind": "MEDICINE",
            "ean": MEDICINE["ean"],
            "inn": None,
            "order": None,
            "wording": None,
            "dose": DOSE,
            "days": 30,
            "boxes": 2,
            "substitution": True,
            "illness": "E11",
            "over_maximum": False,
        }
    ],
    "alerts": [],
}
SIGNED_PRESCRIPTION = OpenApiExample(
    "ordonnance", value={"document": DOCUMENT, "signature": SIGNATURE}, request_only=True
)
RECEIPT = {
    "fse_number": NUMBER,
    "state": {"code": "ACTIVE", "label": {"fr": "à délivrer", "ar": "للصرف"}},
    "received_at": "2026-11-22T10:15:00.123456+00:00",
    "document_hash": "9d5b6f1c0a5b4c9f8e7d6c5b4a39281706f5e4d3c2b1a0918273645546372819",
    "valid_until": "2027-02-22",
}
CANCELLED = {
    **RECEIPT,
    "state": {"code": "CANCELLED", "label": {"fr": "annulée", "ar": "ملغاة"}},
    "outcome": "CANCELLED",
    "held_by": None,
    "given": [],
}
HOLDER = {**PHARMACY, "until": "2026-11-22T10:30:00+00:00"}
PRESCRIPTION = {
    **RECEIPT,
    "written_on": "2026-11-22",
    "starts_on": None,
    "prescriber": {**DOCTOR, "speciality": "médecine générale"},
    "patient": PERSON,
    "held_by": HOLDER,
    "items": [
        {
            "position": 1,
            "kind": "MEDICINE",
            "state": {
                "code": "PARTIAL",
                "label": {"fr": "délivrée en partie", "ar": "مصروف جزئيا"},
            },
            "medicine": MEDICINE,
            "inn": None,
            "order": None,
            "wording": "",
            "dose": DOSE,
            "days": 30,
            "boxes": 2,
            "boxes_dispensed": 1,
            "boxes_left": 1,
            "substitution": True,
            "illness": "E11",
            "over_maximum": False,
        }
    ],
    "document": DOCUMENT,
    "signature": SIGNATURE,
    "code": None,
}
CUSTODY = {"fse_number": NUMBER, "held_by": HOLDER}
WRITTEN_LINES = {"lines": DOCUMENT["lines"], "medicines": [MEDICINE]}
PROTOCOL = {"key": 1, "name": "Diabète équilibré", **WRITTEN_LINES}
PROTOCOLS = {"results": [PROTOCOL]}
PREPARATION = {
    "id": "01935b6e-7c1a-7e6f-9a5b-3f1f0a4f6c21",
    "patient": PERSON,
    "prepared_by": "Salma Idrissi",
    "prepared_at": "2026-11-22T09:40:00+00:00",
    **WRITTEN_LINES,
}
PREPARATIONS = {"results": [PREPARATION]}
RENEWAL = {"fse_number": NUMBER, "written_on": "2026-10-22", **WRITTEN_LINES}
FOLLOWED = {
    "next": None,
    "previous": None,
    "results": [
        {
            "fse_number": NUMBER,
            "instance": 1,
            "instances": 1,
            "written_on": "2026-11-22",
            "state": {
                "code": "PARTLY_DISPENSED",
                "label": {"fr": "délivrée en partie", "ar": "مصروفة جزئيا"},
            },
            "patient": PERSON,
            "held_by": None,
            "lines": [
                {
                    "position": 1,
                    "label": MEDICINE["label"],
                    "state": {
                        "code": "PARTIAL",
                        "label": {"fr": "délivrée en partie", "ar": "مصروفة جزئيا"},
                    },
                    "refusal": None,
                    "boxes": 2,
                    "boxes_dispensed": 1,
                    "handed": [
                        {
                            "label": MEDICINE["label"],
                            "boxes": 1,
                            "replaced": False,
                            "pharmacy": PHARMACY,
                            "day": "2026-11-22",
                        }
                    ],
                }
            ],
        }
    ],
}
REGISTER = {
    "results": [
        {
            "number": 1,
            "written_on": "2026-11-22",
            "fse_number": NUMBER,
            "patient": PERSON,
            "label": "SEVREDOL 10 MG, comprimé, boîte de 14",
            "days": 7,
            "boxes": 1,
        }
    ]
}
