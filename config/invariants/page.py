"""What auditors and administrators see of the nightly check: green, or which invariant is broken."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Role
from config.invariants import checking
from config.invariants.catalogue import INVARIANTS

WATCHERS = (Role.AUDITOR, Role.ADMINISTRATOR)


def invariants(request: HttpRequest) -> HttpResponse:
    """Show the last run, invariant by invariant."""
    user: Any = request.user
    if user.role not in WATCHERS:
        raise PermissionDenied
    last = checking.last_run()
    counts = (last.after if last else None) or {}
    context = {
        **admin.site.each_context(request),
        "title": _("Vérifications"),
        "at": last.at if last else None,
        "broken": _broken(counts),
        "rows": [
            {"invariant": each, "count": counts.get(each.id), "holds": counts.get(each.id) == 0}
            for each in INVARIANTS
        ],
    }
    return TemplateResponse(request, "admin/invariants.html", context)


def invariant_figures(user: Any) -> list[dict[str, Any]]:
    """What the first page says of the last run, to those who watch it."""
    if user.role not in WATCHERS:
        return []
    last = checking.last_run()
    return [
        {
            "label": _("Vérifications de la nuit"),
            "empty": _("Tout est juste.") if last else _("Aucune vérification n’a encore eu lieu."),
            "count": _broken(last.after or {}) if last else 0,
            "amount_centimes": None,
            "age": "",
            "url": reverse("admin:invariants"),
            "is_mine": True,
        }
    ]


def _broken(counts: dict[str, int]) -> int:
    return sum(count > 0 for count in counts.values())
