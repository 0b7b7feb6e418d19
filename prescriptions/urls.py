"""/verifier/: anybody checks a prescription."""

from django.urls import path

from prescriptions.views import verifier

app_name = "verifier"

urlpatterns = [path("", verifier, name="check")]
