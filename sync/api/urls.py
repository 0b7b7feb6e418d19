"""Addresses of the offline work."""

from django.urls import path

from sync.api.packs import LatestPack, PackChanges, ReadPackPart

urlpatterns = [
    path("packs/latest", LatestPack.as_view(), name="latest_pack"),
    path("packs/<uuid:pack>/changes", PackChanges.as_view(), name="pack_changes"),
    path("packs/<uuid:pack>/<slug:part>", ReadPackPart.as_view(), name="pack_part"),
]
