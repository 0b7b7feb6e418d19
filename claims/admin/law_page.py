"""The law in force as a page: dated values with their sources, announced ones shown and never used."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from claims import selectors
from claims.permissions import can_read_shadow_laws, can_try_laws
from claims.presenters.law import shown_law


def law_page(request: HttpRequest) -> HttpResponse:
    """The law on a day (today unless asked), for everybody of the back office."""
    user: Any = request.user
    day = _day(request.GET.get("jour", "")) or timezone.localdate()
    context = {
        **admin.site.each_context(request),
        "title": _("La loi en vigueur"),
        "day": day,
        "law": shown_law(selectors.law(), on=day),
        "can_try": can_try_laws(user),
        "can_read_trials": can_read_shadow_laws(user),
    }
    return TemplateResponse(request, "admin/claims/law.html", context)


def _day(text: str) -> date | None:
    """The day asked for; what is no day asks for nothing."""
    try:
        return parse_date(text)
    except ValueError:
        return None
