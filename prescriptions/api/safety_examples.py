"""Examples of safety checks."""

from drf_spectacular.utils import OpenApiExample

from core.api.examples import DOCTOR, MEDICINE, PATIENT
from prescriptions.api.examples import DOSE

QUESTION = OpenApiExample(
    "vérification",
    value={
        "provider": DOCTOR["inpe"],
        "patient": PATIENT,
        "moment": "PRESCRIBING",
        "fse_number": None,
        "lines": [
            {"position": 1, "ean": MEDICINE["ean"], "inn": None, "dose": DOSE, "days": 30},
        ],
    },
    request_only=True,
)
KEY = "PREGNANCY:acide_valproique"
TOLD = {
    "alerts": [
        {
            "key": KEY,
            "kind": {"code": "PREGNANCY", "label": {"fr": "grossesse", "ar": "الحمل"}},
            "level": {"code": "CONTRAINDICATED", "label": {"fr": "contre-indiqué", "ar": "ممنوع"}},
            "applies": None,
            "severity": "CRITICAL",
            "pair": ["acide valproique"],
            "medicines": [
                {
                    "ean": MEDICINE["ean"],
                    "label": MEDICINE["label"],
                    "position": 1,
                    "prescriber": "",
                }
            ],
            "mechanism": {"fr": "Valproate : malformations.", "ar": "فالبروات: تشوهات."},
            "advice": {"fr": "Avis du neurologue.", "ar": "استشارة طبيب الأعصاب."},
            "conditions": [],
            "local_route": False,
            "source": {"name": "Agence européenne des médicaments", "edition": "2026-11-22"},
            "justified": None,
            "demoted": False,
        }
    ],
    "not_checked": [
        {
            "kind": {
                "code": "MAXIMUM_DOSE",
                "label": {"fr": "dose maximale", "ar": "الجرعة القصوى"},
            },
            "why": {
                "code": "NO_TABLE",
                "label": {"fr": "hors de nos tables", "ar": "خارج جداولنا"},
            },
            "subject": "acide valproique",
        }
    ],
    "reasons": [
        {
            "code": "BENEFIT",
            "label": {"fr": "bénéfice supérieur au risque", "ar": "الفائدة تفوق الخطر"},
        }
    ],
}
ANSWERS = OpenApiExample(
    "réponses",
    value={
        "provider": DOCTOR["inpe"],
        "patient": PATIENT,
        "moment": "PRESCRIBING",
        "fse_number": None,
        "answers": [{"key": KEY, "answer": "OVERRIDDEN", "reason": "SPECIALIST", "note": ""}],
    },
    request_only=True,
)
PROFILE = {
    "allergies": [{"inn": "amoxicilline", "atc": ""}],
    "pregnant": False,
    "breast_feeding": None,
    "holds_until": "2027-02-22",
    "shares_history": True,
}
PROFILE_INPUT = OpenApiExample("dossier", value=PROFILE, request_only=True)
