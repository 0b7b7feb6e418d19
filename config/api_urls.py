"""The addresses of `/api/v1/`: each room brings its own."""

from django.urls import include, path, re_path

from core.api.actions import UnknownAddress
from core.api.docs import DocsPage, Schema

app_name = "api"
urlpatterns = [
    path("schema", Schema.as_view(), name="schema"),
    path("docs", DocsPage.as_view(), name="docs"),
    path("", include("providers.api.urls")),
    path("", include("prescriptions.api.urls")),
    path("", include("claims.api.urls")),
    path("", include("payments.api.urls")),
    path("", include("sync.api.urls")),
    re_path(r"^[\s\S]*$", UnknownAddress.as_view(), name="unknown"),
]
