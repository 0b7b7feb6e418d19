"""The agents' desk of the offline work."""

from sync.admin.envelopes import EnvelopeAdmin, IncidentAdmin
from sync.admin.outages import OutageAdmin

__all__ = ["EnvelopeAdmin", "IncidentAdmin", "OutageAdmin"]
