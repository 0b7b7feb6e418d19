"""The audit trail's page: who did or read what, read only, for auditors."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from accounts.models import Role
from fraud import selectors

PAGE_SIZE = 50


def audit_trail(request: HttpRequest) -> HttpResponse:
    """List audit events, newest first, by person or subject when asked."""
    user: Any = request.user
    if user.role != Role.AUDITOR:
        raise PermissionDenied
    asked = request.GET.get("q", "").strip()
    page = Paginator(selectors.audit_trail(asked), PAGE_SIZE).get_page(request.GET.get("p"))
    names = selectors.actor_names({event.actor for event in page})
    context = {
        **admin.site.each_context(request),
        "title": _("Journal d’audit"),
        "asked": asked,
        "page": page,
        "events": [{"event": event, "who": names.get(event.actor, event.actor)} for event in page],
    }
    return TemplateResponse(request, "admin/fraud/audit_trail.html", context)
