"""A page for some roles only, rendered without anybody's data: scripts fill it from the API."""

from collections.abc import Collection
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.generic import TemplateView


class RolePage(TemplateView):
    """Labels, fields and translations; a stranger signs in first, another role gets a 403."""

    roles: ClassVar[Collection[str]] = frozenset()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if getattr(request.user, "role", None) not in self.roles:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)
