"""Cases of fraud: the list in the order of their score, one case, and the network of all."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import display

from accounts.admin.office import OfficeAdmin, amount_column, moment_column, said_column
from core.errors import DomainError
from core.money import display_rate, format_dirhams
from fraud import services
from fraud.admin.claims import EXPORT
from fraud.admin.export import csv_file
from fraud.models import Case
from fraud.permissions import DESK_READERS
from fraud.presenters.aid import second_opinion
from fraud.presenters.cases import (
    case_title,
    evidence_rows,
    network_of,
    paid_over,
    ranked_providers,
    shown_case,
)
from fraud.selectors.cases import networked_providers
from fraud.selectors.rules import limits_on

COLOURS = {"OPEN": "warning", "ASSIGNED": "info", "CONFIRMED": "danger", "UNFOUNDED": "success"}
EXPORT_TITLES = (
    gettext_lazy("numéro"),
    gettext_lazy("sujet"),
    gettext_lazy("sur qui"),
    gettext_lazy("score"),
    gettext_lazy("montant"),
    gettext_lazy("état"),
    gettext_lazy("ouvert le"),
)
EVIDENCE_TITLES = (
    gettext_lazy("règle"),
    gettext_lazy("code"),
    gettext_lazy("version"),
    gettext_lazy("nature"),
    gettext_lazy("vu le"),
    gettext_lazy("sur qui"),
    gettext_lazy("numéro FSE"),
    gettext_lazy("ligne"),
    gettext_lazy("ce qui a été vu"),
)
Deed = Callable[[Any, Case], None]


@admin.register(Case)
class CaseAdmin(OfficeAdmin):
    """Cases, the strongest first; by amount at one click."""

    view_roles = DESK_READERS
    list_display = [
        "number_said",
        "who",
        "score",
        "amount",
        "badge",
        "officer_said",
        "seen",
    ]
    list_display_links = ["number_said"]
    list_filter = ["state", "kind"]
    search_fields = ["number", "parties__provider__name", "parties__provider__inpe"]
    ordering = ["-score_bp", "-amount_centimes"]
    list_select_related = ["officer"]
    list_before_template = "admin/fraud/cases_before.html"
    amount = amount_column("amount_centimes", lazy(lambda: paid_over(timezone.localdate()), str)())
    officer_said = said_column("officer", gettext_lazy("instruit par"))
    seen = moment_column("seen_at", gettext_lazy("dernière alarme"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        rows = super().get_queryset(request)
        return rows.prefetch_related("parties__provider", "parties__member")

    @display(description=gettext_lazy("sur qui"))
    def who(self, case: Case) -> SafeString:
        return format_html(
            '<span><bdi>{}</bdi><br><span class="small quiet">{}</span></span>',
            case_title(case),
            case.get_kind_display(),
        )

    @display(description=gettext_lazy("numéro"), ordering="number")
    def number_said(self, case: Case) -> SafeString:
        return format_html('<span class="nowrap">{}</span>', case.number)

    @display(description=gettext_lazy("score"), ordering="score_bp")
    def score(self, case: Case) -> str:
        return display_rate(case.score_bp)

    @display(description=gettext_lazy("état"), ordering="state", label=COLOURS)
    def badge(self, case: Case) -> tuple[str, str]:
        return case.state, case.get_state_display()

    def get_urls(self) -> list[Any]:
        """A case's deeds, by POST only."""
        deeds: dict[str, Deed] = {
            "prendre": lambda request, case: services.take_case(case=case, **_by(request)),
            "rendre": lambda request, case: services.give_case_back(case=case, **_by(request)),
            "noter": lambda request, case: services.note_case(
                case=case, text=request.POST.get("text", ""), **_by(request)
            ),
            "confirmer": lambda request, case: _decide(request, case, "CONFIRMED"),
            "classer": lambda request, case: _decide(request, case, "UNFOUNDED"),
            "rouvrir": lambda request, case: services.reopen_case(
                case=case, reason=request.POST.get("reason", ""), **_by(request)
            ),
        }
        return (
            [
                path(
                    "<uuid:case_id>/preuves/",
                    self.admin_site.admin_view(self._evidence_file),
                    name="fraud_case_preuves",
                ),
            ]
            + [
                path(
                    f"<uuid:case_id>/{name}/",
                    self.admin_site.admin_view(self._done(deed)),
                    name=f"fraud_case_{name}",
                )
                for name, deed in deeds.items()
            ]
            + super().get_urls()
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, or the same as a file when asked for its export."""
        if EXPORT in request.GET and self.has_view_permission(request):
            return self._export(request)
        asked = request.GET.copy()
        asked[EXPORT] = "csv"
        return super().changelist_view(
            request, {"export_query": asked.urlencode(), **(extra_context or {})}
        )

    def _export(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.copy()
        asked.pop(EXPORT)
        request.GET = asked
        rows = list(self.get_changelist_instance(request).get_queryset(request))
        services.record_export(rows=len(rows), query=asked.urlencode(), **_by(request))
        return csv_file("dossiers-fraude", EXPORT_TITLES, map(_cells, rows))

    def _evidence_file(self, request: HttpRequest, case_id: Any) -> HttpResponse:
        """What was seen of a case, a row each. The export is recorded."""
        case = self._case(request, case_id)
        services.open_case_file(case=case, **_by(request))
        rows = evidence_rows(case)
        services.record_export(rows=len(rows), query=case.number, **_by(request))
        return csv_file(f"preuves-{case.number}", EVIDENCE_TITLES, rows)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One case. Reading it is recorded."""
        return self._page(request, object_id)

    def _page(
        self, request: HttpRequest, case_id: Any, *, refusal: DomainError | None = None
    ) -> HttpResponse:
        case, at = self._case(request, case_id), timezone.now()
        services.open_case_file(case=case, by=request.user, at=at)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "is_fullwidth": "1",
            "title": case.number,
            "case": case,
            "shown": shown_case(case, user=request.user, at=at),
            "refusal": refusal.text() if refusal else "",
            "reason": request.POST.get("reason", ""),
            "note": request.POST.get("text", ""),
            "ticked": request.POST.getlist("claim"),
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/fraud/case.html", context, status=status)

    def _case(self, request: HttpRequest, case_id: Any) -> Case:
        if not self.has_view_permission(request):
            raise PermissionDenied
        case = self.get_object(request, str(case_id))
        if case is None:
            raise Http404
        return case

    def _done(self, deed: Deed) -> Callable[..., HttpResponse]:
        """A view that does one deed: the case again, or with the exact refusal."""

        @require_POST
        def view(request: HttpRequest, case_id: Any) -> HttpResponse:
            case = self._case(request, case_id)
            try:
                deed(request, case)
            except DomainError as refusal:
                return self._page(request, case_id, refusal=refusal)
            messages.success(request, _("C’est enregistré."))
            return redirect(reverse("admin:fraud_case_change", args=[case_id]))

        return view


def _cells(case: Case) -> tuple[object, ...]:
    return (
        case.number,
        case.get_kind_display(),
        case_title(case),
        display_rate(case.score_bp),
        format_dirhams(case.amount_centimes),
        case.get_state_display(),
        f"{timezone.localtime(case.opened_at):%Y-%m-%d}",
    )


def _by(request: Any) -> dict[str, Any]:
    return {"by": request.user, "at": timezone.now()}


def _decide(request: Any, case: Case, verdict: str) -> None:
    ticked = [UUID(key) for key in request.POST.getlist("claim") if _is_key(key)]
    services.decide_case(
        case=case,
        verdict=verdict,
        reason=request.POST.get("reason", ""),
        take_back=ticked if verdict == "CONFIRMED" else [],
        **_by(request),
    )


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def network(request: HttpRequest) -> HttpResponse:
    """The network of the live couples and rings: the drawing, and the table that says the same."""
    _check_reader(request)
    context = {
        **admin.site.each_context(request),
        "title": _("Réseaux"),
        "network": network_of(networked_providers()),
    }
    return TemplateResponse(request, "admin/fraud/network.html", context)


def providers(request: HttpRequest) -> HttpResponse:
    """Professionals with alarms, in the order of their score; sorted by amount beside it."""
    _check_reader(request)
    by_amount = request.GET.get("tri") == "montant"
    rows = ranked_providers(at=timezone.now(), by_amount=by_amount)
    context = {
        **admin.site.each_context(request),
        "title": _("Professionnels signalés"),
        "aid": second_opinion(rows),
        "rows": rows[:100],
        "by_amount": by_amount,
        "days": limits_on(timezone.localdate())["fade_days"],
    }
    return TemplateResponse(request, "admin/fraud/providers.html", context)


def _check_reader(request: Any) -> None:
    if request.user.role not in DESK_READERS:
        raise PermissionDenied
