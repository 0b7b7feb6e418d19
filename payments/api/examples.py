"""Examples of statements."""

from core.api.examples import PHARMACY

STATEMENT = {
    "id": "01935b80-2222-7b31-8d4c-5a6b7c8d9e0f",
    "reference": "W2026-0001-0007",
    "batch": "W2026-0001",
    "provider": PHARMACY,
    "state": {"code": "PAID", "label": {"fr": "payé", "ar": "مؤدى"}},
    "amount": "1250.40",
    "execution_date": "2026-11-24",
    "answered_at": "2026-11-25T08:00:00+00:00",
    "return_reason": None,
}
STATEMENTS = {"next": None, "previous": None, "results": [STATEMENT]}
NEXT_PAYMENT = {"next": {"day": "2026-11-25", "in_days": 3}}
