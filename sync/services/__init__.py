"""Every write of the offline work."""

from sync.services._anchors import AnchorDeviceUnknown, Anchored, anchor_device
from sync.services._desk import (
    EnvelopeDecided,
    NotOfflineAgent,
    refuse_envelope,
    release_envelope,
)
from sync.services._packs import make_pack
from sync.services._receiving import Reply, fetch_outcomes, receive_envelopes
from sync.services._refusals import (
    EnvelopeDeviceUnknown,
    EnvelopeIdReused,
    EnvelopeNotFound,
    EnvelopeShapeWrong,
    EnvelopeSignatureInvalid,
    Repair,
)
from sync.services._settling import outcome_name, settle_awaiting, settle_received

__all__ = [
    "AnchorDeviceUnknown",
    "Anchored",
    "EnvelopeDecided",
    "EnvelopeDeviceUnknown",
    "EnvelopeIdReused",
    "EnvelopeNotFound",
    "EnvelopeShapeWrong",
    "EnvelopeSignatureInvalid",
    "NotOfflineAgent",
    "Repair",
    "Reply",
    "anchor_device",
    "fetch_outcomes",
    "make_pack",
    "outcome_name",
    "receive_envelopes",
    "refuse_envelope",
    "release_envelope",
    "settle_awaiting",
    "settle_received",
]
