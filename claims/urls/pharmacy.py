"""/pharmacie/: the pharmacist's pages."""

from django.urls import path

from claims.views import pharmacy

app_name = "pharmacy"

urlpatterns = [
    path("", pharmacy.Counter.as_view(), name="counter"),
    path("historique/", pharmacy.History.as_view(), name="history"),
    path("demandes/", pharmacy.Requests.as_view(), name="requests"),
    path("papiers/<uuid:claim_id>/<slug:kind>.pdf", pharmacy.Papers.as_view(), name="paper"),
    path("reglements/", pharmacy.Statements.as_view(), name="statements"),
]
