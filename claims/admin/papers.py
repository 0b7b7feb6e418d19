"""Pads of paper sheets, and the papers received: lists, pages, what is decided of them."""

from io import BytesIO
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
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from unfold.decorators import display

from accounts.admin.office import OfficeAdmin, amount_column, day_column, moment_column, said_column
from claims import selectors, services
from claims.forms import PadForm
from claims.models import Claim, PaperFile, PaperPad
from claims.permissions import PAD_READERS, PAD_ROLES, PAPER_READERS, can_receive_paper
from claims.presenters.pads import pad_pdf
from claims.states import PadState, PaperState
from core.errors import DomainError
from core.numbers import whole_number
from core.workbook import XLSX, Column, Kind, Workbook
from prescriptions.presenters.office import shown_moves
from providers.selectors import provider_by_inpe

EXPORT = "export"
PAD_COLOURS = {"ISSUED": "success", "LOST": "danger"}
PAPER_COLOURS = {
    "RECEIVED": "info",
    "MERGED": "success",
    "QUESTIONED": "warning",
    "SETTLED": "success",
    "WITHDRAWN": "danger",
}


@admin.register(PaperPad)
class PaperPadAdmin(OfficeAdmin):
    """Pads by provider, the latest first."""

    view_roles = PAD_READERS
    add_roles = PAD_ROLES
    list_display = ["reference", "shown_provider", "sheet_count", "left", "issued", "badge"]
    list_filter = ["state"]
    list_select_related = ["provider"]
    search_fields = ["reference", "provider__inpe", "provider__name", "sheets__fse_number"]
    ordering = ["-issued_on", "-id"]
    shown_provider = said_column("provider", _("professionnel"))
    issued = day_column("issued_on", _("remis le"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[PaperPad]:
        return selectors.pads_visible_to(request.user, on=timezone.localdate())

    @display(description=_("vierges"), ordering="blank")
    def left(self, pad: Any) -> int:
        return int(pad.blank)

    @display(description=_("état"), ordering="state", label=PAD_COLOURS)
    def badge(self, pad: PaperPad) -> tuple[str, str]:
        return pad.state, pad.get_state_display()

    def get_urls(self) -> list[Any]:
        """The PDF of a pad, and its loss, by POST only."""
        guard = self.admin_site.admin_view
        return [
            path(
                "<uuid:object_id>/carnet.pdf",
                guard(require_safe(self._pdf)),
                name="claims_paperpad_pdf",
            ),
            path(
                "<uuid:object_id>/perdu/",
                guard(require_POST(self._lost)),
                name="claims_paperpad_lost",
            ),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Order a pad for a provider."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = PadForm(request.POST or None)
        status = 200
        if request.method == "POST" and form.is_valid():
            try:
                pad = services.order_pad(
                    provider=provider_by_inpe(form.cleaned_data["inpe"]),
                    sheets=form.cleaned_data["sheets"],
                    by=request.user,
                    at=timezone.now(),
                )
            except DomainError as refusal:
                form.add_error(None, refusal.text())
                status = refusal.status
            else:
                messages.success(request, gettext("Carnet prêt : imprimez-le et remettez-le."))
                return redirect(_page_of(pad))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Demander un carnet"),
            "form": form,
            "rules": selectors.pad_rules(timezone.localdate()),
        }
        return TemplateResponse(request, "admin/claims/pad_new.html", context, status=status)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One pad: its sheets and how far each has come."""
        return self._page(request, self._found(request, object_id))

    def _page(
        self, request: HttpRequest, pad: PaperPad, refusal: DomainError | None = None
    ) -> HttpResponse:
        sheets = selectors.sheets_of(pad)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": pad.reference,
            "pad": pad,
            "sheets": sheets,
            "first_blank": next((each.position for each in sheets if each.state == "BLANK"), 1),
            "can_keep": self.has_add_permission(request) and pad.state == PadState.ISSUED,
            "can_open": _can_open_claims(request),
            "moves": shown_moves(pad),
            "refusal": refusal.text() if refusal else "",
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/claims/pad.html", context, status=status)

    def _found(self, request: HttpRequest, object_id: Any) -> PaperPad:
        if not self.has_view_permission(request):
            raise PermissionDenied
        pad = self.get_object(request, str(object_id))
        if pad is None:
            raise Http404
        return pad

    def _pdf(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """The pad to print, for who may order one."""
        pad = self._found(request, object_id)
        if not self.has_add_permission(request):
            raise PermissionDenied
        services.record_printing(pad=pad, by=request.user, at=timezone.now())
        answer = HttpResponse(pad_pdf(pad), content_type="application/pdf")
        answer["Content-Disposition"] = f'inline; filename="{pad.reference}.pdf"'
        return answer

    def _lost(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        pad = self._found(request, object_id)
        try:
            void = services.declare_pad_lost(
                pad=pad,
                first=whole_number(request.POST.get("first", "")) or 0,
                by=request.user,
                at=timezone.now(),
            )
        except DomainError as refusal:
            return self._page(request, pad, refusal)
        messages.success(request, gettext("Feuilles annulées : %(n)s.") % {"n": void})
        return redirect(_page_of(pad))


def _page_of(row: PaperPad | PaperFile) -> str:
    return reverse(f"admin:claims_{row._meta.model_name}_change", args=[row.pk])


def _can_open_claims(request: HttpRequest) -> bool:
    return admin.site.get_model_admin(Claim).has_view_permission(request)


@admin.register(PaperFile)
class PaperFileAdmin(OfficeAdmin):
    """Papers received, the newest first; those that differ wait for a person."""

    view_roles = PAPER_READERS
    list_display = ["number", "shown_patient", "shown_provider", "deposited", "amount", "badge"]
    list_display_links = ["number"]
    list_filter = ["state", "proof", "difference"]
    list_select_related = ["claim__sheet", "patient", "provider"]
    search_fields = [
        "claim__sheet__fse_number",
        "patient__last_name",
        "provider__inpe",
        "provider__name",
    ]
    ordering = ["-received_at", "-id"]
    list_before_template = "admin/claims/papers_before.html"
    shown_patient = said_column("patient", _("bénéficiaire"))
    shown_provider = said_column("provider", _("professionnel"))
    deposited = day_column("deposited_on", _("déposée le"))
    received = moment_column("received_at", _("saisie le"))
    amount = amount_column("charged_centimes", _("montant du papier"))

    @display(description=_("numéro FSE"), ordering="claim__sheet__fse_number")
    def number(self, paper: PaperFile) -> str:
        return paper.claim.sheet.fse_number

    @display(description=_("état"), ordering="state", label=PAPER_COLOURS)
    def badge(self, paper: PaperFile) -> tuple[str, str]:
        return paper.state, paper.get_state_display()

    def get_urls(self) -> list[Any]:
        """The picture, and the two decisions, by POST only."""
        guard = self.admin_site.admin_view
        deeds = [("expliquer", services.settle_paper), ("retirer", services.withdraw_paper)]
        return [
            path(
                "<uuid:object_id>/feuille/",
                guard(require_safe(self._scan)),
                name="claims_paperfile_scan",
            ),
            *(
                path(
                    f"<uuid:object_id>/{name}/",
                    guard(require_POST(self._decision(service))),
                    name=f"claims_paperfile_{name}",
                )
                for name, service in deeds
            ),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, or the same list as an Excel file."""
        if EXPORT in request.GET and self.has_view_permission(request):
            return self._export(request)
        asked = request.GET.urlencode()
        query = f"{asked}&{EXPORT}=xlsx" if asked else f"{EXPORT}=xlsx"
        extra = {
            "export_query": query,
            "can_receive": can_receive_paper(request.user),
            **(extra_context or {}),
        }
        return super().changelist_view(request, extra)

    def _export(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.copy()
        asked.pop(EXPORT)
        request.GET = asked  # type: ignore[assignment]
        rows = list(self.get_changelist_instance(request).get_queryset(request))
        services.record_paper_export(
            rows=len(rows), query=asked.urlencode(), by=request.user, at=timezone.now()
        )
        file = BytesIO()
        with Workbook(file, title="Waraqa", created=timezone.now()) as workbook:
            table = workbook.table(gettext("Feuilles papier"), _columns())
            for paper in rows:
                table.append(_cells(paper))
        answer = HttpResponse(file.getvalue(), content_type=XLSX)
        answer["Content-Disposition"] = 'attachment; filename="feuilles-papier.xlsx"'
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One paper beside its claim. Reading it is recorded."""
        return self._page(request, object_id)

    def _page(
        self, request: HttpRequest, object_id: Any, refusal: DomainError | None = None
    ) -> HttpResponse:
        paper = self._read(request, object_id)
        decides = can_receive_paper(request.user)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(paper),
            "paper": paper,
            "lines": selectors.billed_lines(paper.claim),
            "twins": paper.twins.select_related("device").order_by("received_at"),
            "asks": decides and paper.state == PaperState.QUESTIONED,
            "withdraws": decides and paper.state == PaperState.RECEIVED,
            "can_open": _can_open_claims(request),
            "moves": shown_moves(paper),
            "refusal": refusal.text() if refusal else "",
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/claims/paper.html", context, status=status)

    def _read(self, request: HttpRequest, object_id: Any) -> PaperFile:
        if not self.has_view_permission(request):
            raise PermissionDenied
        known = self.get_object(request, str(object_id))
        if known is None:
            raise Http404
        paper = services.read_paper(paper_id=known.pk, by=request.user, at=timezone.now())
        assert paper is not None  # noqa: S101 (found just above, and never deleted)
        return paper

    def _scan(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """The picture, as a file: what an uploaded file holds never runs in our pages."""
        paper = self._read(request, object_id)
        scan = paper.scan
        answer = HttpResponse(bytes(scan.content), content_type=scan.media_type)
        ending = scan.media_type.rpartition("/")[2]
        answer["Content-Disposition"] = f'attachment; filename="{paper}.{ending}"'
        return answer

    def _decision(self, service: Any) -> Any:
        def decide(request: HttpRequest, object_id: UUID) -> HttpResponse:
            paper = self._read(request, object_id)
            try:
                service(
                    paper=paper,
                    reason=request.POST.get("reason", "")[:500],
                    by=request.user,
                    at=timezone.now(),
                )
            except DomainError as refusal:
                return self._page(request, object_id, refusal)
            messages.success(request, gettext("Décision enregistrée."))
            return redirect(_page_of(paper))

        return decide


def _columns() -> list[Column]:
    return [
        Column(gettext("numéro FSE"), width=16),
        Column(gettext("professionnel"), width=30),
        Column("INPE"),
        Column(gettext("déposée le"), Kind.DAY),
        Column(gettext("montant du papier"), Kind.MONEY),
        Column(gettext("montant de la demande"), Kind.MONEY),
        Column(gettext("preuve"), width=24),
        Column(gettext("état"), width=26),
        Column(gettext("différence"), width=26),
    ]


def _cells(paper: PaperFile) -> list[Any]:
    return [
        paper.claim.sheet.fse_number,
        paper.provider.name,
        paper.provider.inpe,
        paper.deposited_on,
        paper.charged_centimes,
        paper.claim.charged_centimes,
        paper.get_proof_display(),
        paper.get_state_display(),
        paper.get_difference_display(),
    ]
