"""The OpenAPI document and its page, public and served by this machine alone."""

from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.contrib.auth.decorators import login_not_required
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny

from core.api import schema as schema  # registers how our fields are written

# Swagger UI writes style elements and attributes; no other page of the site allows them.
PAGE_POLICY = {"script-src": [SELF], "style-src": [SELF, UNSAFE_INLINE]}


@method_decorator(login_not_required, name="dispatch")
class Schema(SpectacularAPIView):
    """OpenAPI 3, in YAML or, with `?format=json`, in JSON."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]


@method_decorator(login_not_required, name="dispatch")
@method_decorator(csp_replace(PAGE_POLICY), name="dispatch")
class DocsPage(SpectacularSwaggerSplitView):
    """The page that shows the document and tries calls on it."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    url_name = "api:schema"
