"""/cabinet/: the doctor's pages."""

from django.urls import path

from claims.views import cabinet

app_name = "cabinet"

urlpatterns = [
    path("", cabinet.Day.as_view(), name="day"),
    path("ordonnances/", cabinet.Followed.as_view(), name="followed"),
    path("consultation/", cabinet.Write.as_view(), name="write"),
    path("feuilles/", cabinet.History.as_view(), name="history"),
    path("feuilles/<slug:fse>/", cabinet.Sent.as_view(), name="sent"),
    path("demandes/", cabinet.Requests.as_view(), name="requests"),
    path("reglements/", cabinet.Statements.as_view(), name="statements"),
    path("qr/<slug:fse>.svg", cabinet.Qr.as_view(), name="qr"),
]
