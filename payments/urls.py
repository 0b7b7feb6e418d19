"""Addresses of the insured person's pages."""

from django.urls import path

from payments import views
from payments.views import recoveries

app_name = "member"

urlpatterns = [
    path("", views.home, name="home"),
    path("dossiers/", views.claims, name="claims"),
    path("dossiers/<uuid:claim_id>/", views.claim, name="claim"),
    path("decomptes/<uuid:order_id>.pdf", views.statement, name="statement"),
    path("famille/", views.family, name="family"),
]

# The same page for insured persons and for providers.
debt_patterns = [
    path("", recoveries.debts, name="list"),
    path("<uuid:undue_id>/contester/", recoveries.contest, name="contest"),
]
