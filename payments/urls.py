"""Addresses of the insured person's pages, and of the account pages that providers have too."""

from typing import Any

from django.urls import include, path

from payments import views
from payments.views import accounts, prescriptions, recoveries

app_name = "member"


def account_patterns(space: str) -> list[Any]:
    """The account pages of one space: `member` or `payee`."""
    pages = [
        ("", accounts.account, "account"),
        ("demander/", accounts.ask, "account_ask"),
        ("<uuid:change_id>/confirmer/", accounts.confirm, "account_confirm"),
        ("<uuid:change_id>/contester/", accounts.contest, "account_contest"),
        ("<uuid:change_id>/annuler/", accounts.withdraw, "account_withdraw"),
    ]
    return [path(route, view, {"space": space}, name=name) for route, view, name in pages]


urlpatterns = [
    path("", views.home, name="home"),
    path("dossiers/", views.claims, name="claims"),
    path("dossiers/<uuid:claim_id>/", views.claim, name="claim"),
    path("decomptes/<uuid:order_id>.pdf", views.statement, name="statement"),
    path("ordonnances/", prescriptions.prescriptions, name="prescriptions"),
    path("ordonnances/<slug:fse>/renouveler/", prescriptions.renew, name="prescription_renew"),
    path("ordonnances/<slug:fse>/reprendre/", prescriptions.take_back, name="prescription_free"),
    path("delivrances/<uuid:dispensing_id>/contester/", prescriptions.dispute, name="dispute"),
    path("presence/", prescriptions.presence, name="presence"),
    path("famille/", views.family, name="family"),
    path("famille/<uuid:person_id>/accord/", prescriptions.consent, name="consent"),
    path("compte/", include(account_patterns("member"))),
]

# The same page for insured persons and for providers.
debt_patterns = [
    path("", recoveries.debts, name="list"),
    path("<uuid:undue_id>/contester/", recoveries.contest, name="contest"),
]
