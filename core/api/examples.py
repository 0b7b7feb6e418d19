"""The invented sheet that every example of the OpenAPI document tells, from end to end."""

from typing import Any

Json = dict[str, Any]

KID = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
SIGNATURE = "pqtXHi1m8vNgpIEfkHjCYxBFLFz0mUbqJl0nYzZ2p0uKcm8mYz2kL3o9aQ0yXc7Hn1r5dE6sT4bVfWgJ8iOeRA"
NUMBER = "7Q4KDX2M9AT1"
PATIENT = "01935b6e-7c1a-7e6f-9a5b-3f1f0a4f6c21"
CLAIM = "01935b70-11f4-7a51-8a6e-0c3d5b7e9f12"
DOCTOR: Json = {"inpe": "101234567", "name": "Dr Salma Bennis", "name_ar": "د. سلمى بنيس"}
PHARMACY: Json = {"inpe": "201234567", "name": "Pharmacie Al Amal", "name_ar": "صيدلية الأمل"}
PERSON: Json = {
    "id": PATIENT,
    "full_name": "Fatima Zahra Idrissi",
    "name_ar": "فاطمة الزهراء الإدريسي",
    "birth_date": "1968-04-12",
    "sex": "F",
}
MEDICINE: Json = {
    "ean": "6118000010050",
    "label": "GLUCOPHAGE 850 MG, comprimé, boîte de 30",
    "name": "GLUCOPHAGE",
    "inn": "METFORMINE",
    "strength": "850",
    "strength_unit": "MG",
    "form": "COMPRIME",
    "presentation": "BOITE DE 30",
    "kind": "P",
    "table": None,
    "price": {"public": "45.20", "base": "38.00", "rate": "0.70", "day": "2026-11-22"},
}
