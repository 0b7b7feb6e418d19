"""Addresses of the offline work."""

from django.urls import path

from sync.api.envelopes import AnchorDevice, FetchOutcomes, SendEnvelopes
from sync.api.packs import LatestPack, PackChanges, ReadPackPart

urlpatterns = [
    path("sync/anchors", AnchorDevice.as_view(), name="sync_anchors"),
    path("sync/envelopes", SendEnvelopes.as_view(), name="sync_envelopes"),
    path("sync/outcomes", FetchOutcomes.as_view(), name="sync_outcomes"),
    path("packs/latest", LatestPack.as_view(), name="latest_pack"),
    path("packs/<uuid:pack>/changes", PackChanges.as_view(), name="pack_changes"),
    path("packs/<uuid:pack>/<slug:part>", ReadPackPart.as_view(), name="pack_part"),
]
