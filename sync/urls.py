"""/postes/hors-ligne/: what this device keeps to work with no network."""

from django.urls import path

from sync import views

urlpatterns = [
    path("", views.offline_pack, name="offline_pack"),
    path("moteur.js", views.engine_worker, name="engine_worker"),
]
