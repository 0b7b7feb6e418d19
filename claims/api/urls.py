"""Addresses of rights, acts, claims, dispensings and estimates."""

from django.urls import path

from claims.api.views import (
    CheckRights,
    ClaimsAddress,
    DispenseMedicine,
    EstimateClaim,
    KnownFacts,
    ReadClaim,
    SearchActs,
)

urlpatterns = [
    path("rights-checks", CheckRights.as_view(), name="rights_checks"),
    path("known-facts/<uuid:patient>", KnownFacts.as_view(), name="known_facts"),
    path("acts", SearchActs.as_view(), name="acts"),
    path("claims", ClaimsAddress.as_view(), name="claims"),
    path("claims/<uuid:claim_id>", ReadClaim.as_view(), name="claim"),
    path("dispensings", DispenseMedicine.as_view(), name="dispensings"),
    path("estimates", EstimateClaim.as_view(), name="estimates"),
]
