"""The tables of the offline work."""

from sync.models.envelopes import DeviceChain, Envelope, EnvelopeKind, Incident, IncidentKind
from sync.models.packs import Pack, PackPart

__all__ = [
    "DeviceChain",
    "Envelope",
    "EnvelopeKind",
    "Incident",
    "IncidentKind",
    "Pack",
    "PackPart",
]
