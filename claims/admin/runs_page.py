"""The page of runs: the queue, the run under way and its conduct, past runs, claims set aside."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from claims import selectors, services
from claims.models import Claim, Run
from claims.permissions import can_run, can_watch_runs
from claims.presenters.runs import Pace, pace_of, shown_aside, shown_runs
from claims.states import RunState
from core.errors import DomainError

PAST_RUNS = 20
SET_ASIDE_SHOWN = 100

View = Callable[..., HttpResponse]


def run_addresses(office: Callable[[View], View]) -> list[URLPattern]:
    """The page, its progress, and what is done to a run by POST only; `office` guards each view."""
    deeds = {
        "suspendre": services.pause_run,
        "reprendre": services.resume_run,
        "arreter": services.cancel_run,
    }
    return [
        path("liquidation/", office(require_safe(_runs)), name="runs"),
        path("liquidation/avancement/", office(require_safe(_progress)), name="runs_progress"),
        path("liquidation/lancer/", office(require_POST(_start)), name="runs_start"),
        *(
            path(
                f"liquidation/<uuid:run_id>/{name}/",
                office(require_POST(_conducted(deed))),
                name=f"runs_{name}",
            )
            for name, deed in deeds.items()
        ),
    ]


def _runs(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _progress(request: HttpRequest) -> HttpResponse:
    """The run as it stands; when it runs no more, the whole page is asked again."""
    _check_reader(request)
    run = selectors.current_run()
    context = {"run": run, "pace": _pace(run)}
    answer = TemplateResponse(request, "admin/claims/_run.html", context)
    if run is None or run.state != RunState.RUNNING:
        answer["HX-Refresh"] = "true"
    return answer


def _start(request: HttpRequest) -> HttpResponse:
    return _done(request, services.start_run)


def _conducted(deed: Callable[..., None]) -> View:
    def view(request: HttpRequest, run_id: UUID) -> HttpResponse:
        return _done(request, deed, run=get_object_or_404(Run, pk=run_id))

    return view


def _done(request: HttpRequest, deed: Callable[..., Any], **subject: Run) -> HttpResponse:
    """The page again after a deed, or the page with the exact refusal."""
    _check_reader(request)
    user: Any = request.user
    try:
        deed(**subject, by=user, at=timezone.now())
    except DomainError as refusal:
        return _page(request, refusal=refusal)
    return redirect("admin:runs")


def _page(request: HttpRequest, *, refusal: DomainError | None = None) -> HttpResponse:
    _check_reader(request)
    user: Any = request.user
    run, aside = selectors.current_run(), selectors.set_aside_claims()
    context = {
        **admin.site.each_context(request),
        "title": _("Liquidation en lot"),
        "run": run,
        "pace": _pace(run),
        "queued": selectors.queued_claims().count(),
        "can_run": can_run(user),
        "past": shown_runs(selectors.runs().filter(ended_at__isnull=False)[:PAST_RUNS]),
        "aside": shown_aside(aside[:SET_ASIDE_SHOWN]),
        "aside_count": aside.count(),
        "can_open": admin.site.get_model_admin(Claim).has_view_permission(request),
        "refusal": refusal.text() if refusal else "",
    }
    status = refusal.status if refusal else 200
    return TemplateResponse(request, "admin/claims/runs.html", context, status=status)


def _pace(run: Run | None) -> Pace | None:
    if run is None:
        return None
    return pace_of(run, selectors.run_progress(run), at=timezone.now())


def _check_reader(request: HttpRequest) -> None:
    user: Any = request.user
    if not can_watch_runs(user):
        raise PermissionDenied
