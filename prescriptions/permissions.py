"""Who of the fund suspends a prescription, closes a dispute and reviews an alert; who may only read."""

from accounts.models import Role

HOLDING_ROLES = frozenset({Role.MEDICAL_OFFICER, Role.FRAUD_OFFICER})
CORRECTING_ROLES = frozenset({Role.AGENT, Role.MEDICAL_OFFICER, Role.FRAUD_OFFICER})
# What a clinical alert is worth is judged by a doctor.
REVIEWING_ROLES = frozenset({Role.MEDICAL_OFFICER})
WATCHING_ROLES = frozenset({Role.AUDITOR})
