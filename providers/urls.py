"""/postes/: one's own signing devices."""

from django.urls import path

from providers import views

urlpatterns = [
    path("", views.devices, name="devices"),
    path("<str:kid>/revoquer/", views.revoke, name="device_revoke"),
]
