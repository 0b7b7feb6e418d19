"""Addresses of the insured person's pages."""

from django.urls import path

from payments import views

app_name = "member"

urlpatterns = [
    path("", views.home, name="home"),
    path("dossiers/", views.claims, name="claims"),
    path("dossiers/<uuid:claim_id>/", views.claim, name="claim"),
    path("decomptes/<uuid:order_id>.pdf", views.statement, name="statement"),
    path("famille/", views.family, name="family"),
]
