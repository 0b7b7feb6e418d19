"""Claims to control: work lists, their export, and the file page with its decisions."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import display
from unfold.views import ChangeList

from accounts.admin.office import OfficeAdmin, amount_column
from claims.models import Claim
from claims.presenters.clock import clock_left, clock_mark
from claims.selectors import clocks_of
from core.errors import DomainError
from core.languages import in_readers_letters
from core.money import format_dirhams
from fraud import presenters, selectors, services
from fraud.admin.export import csv_file
from fraud.permissions import FILE_ROLES, can_see_files
from fraud.presenters.signals import current_reasons

EXPORT = "export"
EXPORT_TITLES = (
    gettext_lazy("numéro FSE"),
    gettext_lazy("bénéficiaire"),
    gettext_lazy("INPE"),
    gettext_lazy("professionnel"),
    gettext_lazy("déposée le"),
    gettext_lazy("demandé"),
    gettext_lazy("remboursé"),
    gettext_lazy("état"),
    gettext_lazy("motifs"),
)
STATE_COLOURS = {
    "IN_REVIEW": "info",
    "ADJUDICATED": "info",
    "HELD": "warning",
    "APPROVED": "success",
    "SCHEDULED": "success",
    "PAID": "success",
    "PAYMENT_FAILED": "danger",
    "DENIED": "danger",
    "REVERSED": "danger",
}

CLOCK_COLOURS = {"fix": "danger", "held": "warning", "equal": "info", "paid": "success"}


class QueueFilter(admin.SimpleListFilter):
    """The work list: what waits for a person, is held, is to be paid, was paid."""

    title = gettext_lazy("file de travail")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("review", _("À contrôler")),
            ("held", _("Signalées")),
            ("payable", _("À payer")),
            ("paid", _("Payées")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        states = selectors.QUEUES.get(self.value() or "")
        return queryset.filter(state__in=states) if states else queryset


class TimedList(ChangeList):
    """A page of the work list, each claim with its `clock`: three queries for the page."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        clocks = clocks_of(self.result_list, at=timezone.now())
        for claim in self.result_list:
            claim.clock = clocks[claim.pk]


@admin.register(Claim)
class ClaimAdmin(OfficeAdmin):
    """The work lists, and one file at a time."""

    view_roles = FILE_ROLES
    list_display = [
        "number",
        "patient_name",
        "provider_name",
        "age",
        "legal_clock",
        "amount",
        "badge",
        "reasons",
    ]
    list_display_links = ["number"]
    list_filter = [QueueFilter, "state", "kind", "third_party_payment", "provider__kind"]
    list_select_related = ["sheet", "patient", "provider"]
    search_fields = [
        "sheet__fse_number",
        "patient__last_name",
        "patient__insured__registration_number",
        "provider__inpe",
        "provider__name",
    ]
    ordering = ["received_at"]
    list_before_template = "admin/fraud/list_before.html"
    amount = amount_column("reimbursed_centimes", gettext_lazy("montant"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Claim]:
        return super().get_queryset(request).prefetch_related("signals")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return TimedList

    def get_urls(self) -> list[Any]:
        """The file's four decisions, each by POST only."""
        decisions = [
            ("lever", services.release_hold),
            ("refuser", services.refuse_hold),
            ("confirmer", services.confirm_review),
            ("rejeter", services.deny_review),
        ]
        return [
            path(
                f"<uuid:claim_id>/{name}/",
                self.admin_site.admin_view(self._decision(service)),
                name=f"claims_claim_{name}",
            )
            for name, service in decisions
        ] + super().get_urls()

    @display(description=gettext_lazy("numéro FSE"), ordering="sheet__fse_number")
    def number(self, claim: Claim) -> str:
        return claim.sheet.fse_number

    @display(description=gettext_lazy("bénéficiaire"), ordering="patient__last_name")
    def patient_name(self, claim: Claim) -> str:
        return in_readers_letters(claim.patient)

    @display(description=gettext_lazy("professionnel"), ordering="provider__name")
    def provider_name(self, claim: Claim) -> str:
        return in_readers_letters(claim.provider, claim.provider.name)

    @display(description=gettext_lazy("attend depuis"), ordering="received_at")
    def age(self, claim: Claim) -> str:
        return presenters.age_in_words(claim.received_at, timezone.now())

    @display(description=gettext_lazy("délai légal"), ordering="received_date", label=CLOCK_COLOURS)
    def legal_clock(self, claim: Any) -> tuple[str, str]:
        """What is left of the legal delay. The order is that of filing, which pauses do not change."""
        return clock_mark(claim.clock), clock_left(claim.clock)

    @display(description=gettext_lazy("état"), ordering="state", label=STATE_COLOURS)
    def badge(self, claim: Claim) -> tuple[str, str]:
        return claim.state, claim.get_state_display()

    @display(description=gettext_lazy("motifs"))
    def reasons(self, claim: Claim) -> str:
        return " · ".join(current_reasons(claim))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, or the same list as a file when asked for its export."""
        if EXPORT in request.GET and can_see_files(request.user):
            return self._export(request)
        asked = request.GET.urlencode()
        extra = {
            "export_query": f"{asked}&{EXPORT}=csv" if asked else f"{EXPORT}=csv",
            **(extra_context or {}),
        }
        return super().changelist_view(request, extra)

    def _export(self, request: HttpRequest) -> HttpResponse:
        asked: QueryDict = request.GET.copy()
        asked.pop(EXPORT)
        request.GET = asked
        rows = list(self.get_changelist_instance(request).get_queryset(request))
        services.record_export(
            rows=len(rows), query=asked.urlencode(), by=request.user, at=timezone.now()
        )
        return csv_file("dossiers", EXPORT_TITLES, (self._cells(claim) for claim in rows))

    def _cells(self, claim: Claim) -> list[str]:
        return [
            claim.sheet.fse_number,
            str(claim.patient),
            claim.provider.inpe,
            claim.provider.name,
            claim.received_date.isoformat(),
            format_dirhams(claim.charged_centimes),
            format_dirhams(claim.reimbursed_centimes),
            claim.get_state_display(),
            self.reasons(claim),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The file, side by side. Reading it is recorded."""
        return self._file(request, object_id)

    def _file(
        self,
        request: HttpRequest,
        claim_id: Any,
        *,
        refusal: DomainError | None = None,
        reason: str = "",
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        at = timezone.now()
        claim = self._claim(request, claim_id)
        file = services.open_file(claim=claim, by=request.user, at=at)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "is_fullwidth": "1",
            "title": file.claim.sheet.fse_number,
            "file": presenters.shown_file(file, user=request.user, at=at),
            "refusal": refusal.text() if refusal else "",
            "reason": reason,
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/fraud/file.html", context, status=status)

    def _claim(self, request: HttpRequest, claim_id: Any) -> Claim:
        claim = self.get_object(request, str(claim_id))
        if claim is None:
            raise Http404
        return claim

    def _decision(self, service: Callable[..., None]) -> Callable[..., HttpResponse]:
        """A page that takes one decision: done, or the file again with the exact refusal."""

        @require_POST
        def decide(request: HttpRequest, claim_id: Any) -> HttpResponse:
            if not self.has_view_permission(request):
                raise PermissionDenied
            reason = request.POST.get("reason", "")
            try:
                service(
                    claim=self._claim(request, claim_id),
                    reason=reason,
                    by=request.user,
                    at=timezone.now(),
                )
            except DomainError as refusal:
                return self._file(request, claim_id, refusal=refusal, reason=reason)
            messages.success(request, _("Décision enregistrée."))
            return redirect(reverse("admin:claims_claim_change", args=[claim_id]))

        return decide
