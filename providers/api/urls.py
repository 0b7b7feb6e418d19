"""Addresses of the session and of devices."""

from django.urls import path

from providers.api.views import EnrolDevice, ReadSession, RevokeDevice

urlpatterns = [
    path("session", ReadSession.as_view(), name="session"),
    path("devices", EnrolDevice.as_view(), name="devices"),
    path("devices/<str:kid>/revocation", RevokeDevice.as_view(), name="device_revocation"),
]
