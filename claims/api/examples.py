"""Examples of rights, acts, claims and decisions."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

from core.api.examples import (
    CLAIM,
    DOCTOR,
    KID,
    MEDICINE,
    NUMBER,
    PATIENT,
    PERSON,
    PHARMACY,
    SIGNATURE,
)

Json = dict[str, Any]
DAY = "2026-11-22"

RIGHTS_QUESTION = OpenApiExample(
    "par CIN", value={"cin": "BK123456", "day": DAY}, request_only=True
)
RIGHTS: Json = {
    "day": DAY,
    "persons": [
        {
            **PERSON,
            "relation": {"code": "SELF", "label": {"fr": "assuré", "ar": "المؤمن له"}},
            "rights": {
                "open": True,
                "scheme": {
                    "code": "SALARIED",
                    "label": {"fr": "AMO salariés", "ar": "أمو الأجراء"},
                },
                "since": "2024-01-01",
                "until": None,
                "reason_code": None,
                "reason": None,
            },
            "illnesses": [
                {
                    "code": "E11",
                    "label": {"fr": "Diabète de type 2", "ar": "السكري من النوع الثاني"},
                    "category": "ALD",
                    "rate": "0.90",
                    "since": "2025-06-01",
                    "until": "2028-05-31",
                }
            ],
        }
    ],
}
KNOWN: Json = {
    "type": "waraqa/known-facts",
    "person": PATIENT,
    "seen_on": DAY,
    "provider": {
        "inpe": DOCTOR["inpe"],
        "sector": "PRIVATE",
        "agreements": [["2020-01-01", None]],
    },
    "patient": {
        "birth_date": "1980-01-01",
        "relation": "self",
        "student": False,
        "married": False,
        "disabled": False,
    },
    "coverage": {"scheme": "SALARIED", "rights": [["2024-01-01", None]]},
    "illnesses": [
        {"code": "E11", "category": "ALD", "rate": "0.90", "valid": ["2025-06-01", "2028-06-01"]}
    ],
    "prior_approvals": [],
    "paid_before": [],
    "used_before": [],
    "signature": {"alg": "ES256", "kid": "…", "jwk": {}, "value": "…"},
}
ACTS: Json = {
    "results": [
        {
            "code": "C",
            "label": {"fr": "Consultation au cabinet", "ar": "فحص في العيادة"},
            "letter": "C",
            "coefficient": "1",
            "tariff": "80.00",
            "covered": True,
            "needs_prior_approval": False,
        }
    ]
}
CARE_DOCUMENT: Json = {
    "type": "waraqa/care-claim",
    "version": 1,
    "fse_number": NUMBER,
    "device": KID,
    "provider": DOCTOR["inpe"],
    "patient": PATIENT,
    "third_party_payment": False,
    "treatment_end_date": None,
    "lines": [
        {
            "position": 1,
            "act": "C",
            "quantity": 1,
            "charged": "200.00",
            "care_date": DAY,
            "illness": None,
        }
    ],
}
SIGNED_CLAIM = OpenApiExample(
    "consultation", value={"document": CARE_DOCUMENT, "signature": SIGNATURE}, request_only=True
)
ESTIMATED_CLAIM = OpenApiExample(
    "consultation",
    value={"document": {k: v for k, v in CARE_DOCUMENT.items() if k != "device"}},
    request_only=True,
)
SIGNED_DISPENSING = OpenApiExample(
    "délivrance",
    value={
        "document": {
            "type": "waraqa/dispensing",
            "version": 2,
            "fse_number": NUMBER,
            "instance": 1,
            "replaces": None,
            "device": KID,
            "provider": PHARMACY["inpe"],
            "patient": PATIENT,
            "dispensed_on": DAY,
            "third_party_payment": True,
            "lines": [
                {
                    "position": 1,
                    "outcome": "PARTIAL",
                    "reason": None,
                    "ean": MEDICINE["ean"],
                    "boxes": 1,
                    "charged": "45.20",
                    "substitution": None,
                    "packs": [{"batch": "A4501", "expires_on": "2028-06-30", "serial": None}],
                },
                {
                    "position": 2,
                    "outcome": "NOT_DISPENSED",
                    "reason": "NOT_REQUIRED",
                    "ean": None,
                    "boxes": None,
                    "charged": None,
                    "substitution": None,
                    "packs": [],
                },
            ],
        },
        "signature": SIGNATURE,
    },
    request_only=True,
)
CAPPED = {
    "fr": "Prix payé 200,00 DH ; le remboursement se calcule sur le tarif de référence, 80,00 DH.",
    "ar": "الثمن المؤدى 200,00 درهم؛ يحتسب التعويض على أساس التعريفة المرجعية، 80,00 درهم.",
}
DECISION: Json = {
    "outcome": "approved",
    "needs_review": False,
    "total_charged": "200.00",
    "total_reimbursed": "56.00",
    "total_insured_share": "144.00",
    "lines": [
        {
            "position": 1,
            "label": {"fr": "Consultation au cabinet", "ar": "فحص في العيادة"},
            "code": "C",
            "quantity": 1,
            "care_date": DAY,
            "charged": "200.00",
            "tariff": "80.00",
            "base": "80.00",
            "rate": "0.70",
            "reimbursed": "56.00",
            "insured_share": "144.00",
            "reasons": [
                {
                    "code": "PRICE_CAPPED",
                    "title": {"fr": "Prix au-dessus du tarif", "ar": "الثمن أعلى من التعريفة"},
                    "message": CAPPED,
                }
            ],
            "steps": [
                {
                    "rule": "rate",
                    "sentence": CAPPED,
                    "reference": {
                        "fr": "CNSS, « Que couvre l’AMO ? »",
                        "ar": "CNSS, « Que couvre l’AMO ? »",
                    },
                }
            ],
        }
    ],
}
CLAIM_ROW: Json = {
    "id": CLAIM,
    "fse_number": NUMBER,
    "kind": "CARE",
    "state": {"code": "ADJUDICATED", "label": {"fr": "liquidée", "ar": "تمت تصفيتها"}},
    "provider": DOCTOR,
    "patient": PERSON,
    "third_party_payment": False,
    "received_at": "2026-11-22T10:15:00.123456+00:00",
    "received_date": DAY,
    "document_hash": "3c1b5e0e7d9f4a6b8c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0b",
    "excuse": None,
    "notice": None,
    "outcome": "approved",
    "charged": "200.00",
    "reimbursed": "56.00",
    "insured_share": "144.00",
}
CLOCK: Json = {
    "side": {"code": "insurer", "label": {"fr": "CNSS", "ar": "الصندوق"}},
    "since": "2026-11-22T09:12:00+01:00",
    "deadline": "2027-02-20",
    "legal_days": 90,
    "used_days": 0,
    "left_days": 90,
    "state": "equal",
    "sentence": {
        "fr": "La CNSS a ce dossier depuis le 22/11/2026. Il reste 90 jours du délai légal.",
        "ar": "الملف لدى الصندوق منذ 22/11/2026. بقي 90 يوما من الأجل القانوني.",
    },
}
CLAIMS: Json = {
    "next": None,
    "previous": None,
    "results": [{**CLAIM_ROW, "clock": CLOCK}],
}
JUDGED_CLAIM: Json = {**CLAIM_ROW, "as_shown": None, "decision": DECISION}
_MEDICINE_LINE: Json = {
    **DECISION["lines"][0],
    "label": {"fr": MEDICINE["label"], "ar": MEDICINE["label"]},
    "code": MEDICINE["ean"],
    "charged": "45.20",
    "tariff": "38.00",
    "base": "38.00",
    "reimbursed": "26.60",
    "insured_share": "18.60",
    "reasons": [],
    "steps": [],
}
DISPENSED_CLAIM: Json = {
    **CLAIM_ROW,
    "kind": "DISPENSING",
    "provider": PHARMACY,
    "third_party_payment": True,
    "charged": "45.20",
    "reimbursed": "26.60",
    "insured_share": "18.60",
    "as_shown": None,
    "decision": {
        **DECISION,
        "total_charged": "45.20",
        "total_reimbursed": "26.60",
        "total_insured_share": "18.60",
        "lines": [_MEDICINE_LINE],
    },
}
