"""The nights' page: the run under way with its progress, those before, and two deeds."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import DomainError
from fraud import services
from fraud.models import NightRun
from fraud.permissions import DESK_READERS, can_work_desk
from fraud.presenters.nights import shown_night, shown_nights
from fraud.selectors.nights import running_night


def night_addresses(guard: Callable[..., Any]) -> list[URLPattern]:
    """The addresses of the nights, each behind the back office's guard."""
    return [
        path("fraude/nuits/", guard(nights), name="fraud_nights"),
        path("fraude/nuits/avancement/", guard(progress), name="fraud_nights_progress"),
        path("fraude/nuits/lancer/", guard(start), name="fraud_nights_start"),
        path("fraude/nuits/<uuid:run_id>/arreter/", guard(stop), name="fraud_nights_stop"),
    ]


def nights(request: Any, *, refusal: DomainError | None = None) -> HttpResponse:
    """The run under way, and those before it."""
    _check_reader(request)
    context = {
        **admin.site.each_context(request),
        "title": _("Passages de nuit"),
        **shown_nights(at=timezone.now()),
        "can_run": can_work_desk(request.user),
        "refusal": refusal.text() if refusal else "",
    }
    status = refusal.status if refusal else 200
    return TemplateResponse(request, "admin/fraud/nights.html", context, status=status)


def progress(request: HttpRequest) -> HttpResponse:
    """The run as it stands; when there is none any more, the whole page is asked again."""
    _check_reader(request)
    run = running_night()
    context = {"night": shown_night(run) if run else None}
    answer = TemplateResponse(request, "admin/fraud/_night.html", context)
    if run is None:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
def start(request: Any) -> HttpResponse:
    """Begin a run: the changed days, or everything."""
    _check_reader(request)
    scope = request.POST.get("scope", "")
    known = scope if scope in NightRun.Scope.values else NightRun.Scope.INCREMENT.value
    return _deed(
        request, lambda: services.start_night(scope=known, by=request.user, at=timezone.now())
    )


@require_POST
def stop(request: Any, run_id: Any) -> HttpResponse:
    """End the run under way."""
    _check_reader(request)
    run = get_object_or_404(NightRun, pk=run_id)
    return _deed(request, lambda: services.stop_night(run=run, by=request.user, at=timezone.now()))


def _deed(request: Any, deed: Callable[[], Any]) -> HttpResponse:
    try:
        deed()
    except DomainError as refusal:
        return nights(request, refusal=refusal)
    return redirect(reverse("admin:fraud_nights"))


def _check_reader(request: Any) -> None:
    if request.user.role not in DESK_READERS:
        raise PermissionDenied
