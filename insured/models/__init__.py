"""Insured persons and dependants, their rights and illnesses, and the proofs that they were there."""

from insured.models.care_profile import CareProfile
from insured.models.households import (
    Entitlement,
    Illness,
    Insured,
    LongTermIllness,
    Person,
    Scheme,
)
from insured.models.presence import PresenceCode, PresenceProof, ProofLevel

__all__ = [
    "CareProfile",
    "Entitlement",
    "Illness",
    "Insured",
    "LongTermIllness",
    "Person",
    "PresenceCode",
    "PresenceProof",
    "ProofLevel",
    "Scheme",
]
