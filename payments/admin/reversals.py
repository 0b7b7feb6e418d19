"""Reversals: asked on a claim's page, decided by a second person on their own."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import display

from accounts.admin.office import OfficeAdmin, amount_column, moment_column, said_column
from claims.services import read_claim
from core.errors import DomainError
from payments import services
from payments.models import Reversal
from payments.permissions import (
    REVERSAL_READERS,
    REVERSING_ROLES,
    can_confirm_reversal,
    can_watch_payments,
)
from payments.selectors.recoveries import reversal_of, reversals_visible_to

COLOURS = {"REQUESTED": "warning", "CONFIRMED": "success", "REFUSED": "danger"}
MAX_FILE = 20_000_000


@admin.register(Reversal)
class ReversalAdmin(OfficeAdmin):
    """Reversals waiting, done and refused; one at a time."""

    view_roles = REVERSAL_READERS
    list_display = ["number", "badge", "said_reason", "amount", "asked_by", "asked_at"]
    list_display_links = ["number"]
    list_filter = ["state", "reason"]
    search_fields = ["claim__sheet__fse_number", "evidence_reference"]
    ordering = ["-requested_at"]
    amount = amount_column("amount_centimes", gettext_lazy("montant"))
    asked_by = said_column("requested_by", gettext_lazy("demandée par"))
    said_reason = said_column("reason", gettext_lazy("motif"))
    asked_at = moment_column("requested_at", gettext_lazy("demandée le"))

    def get_queryset(self, request: HttpRequest) -> Any:
        return reversals_visible_to(request.user)

    @display(description=gettext_lazy("numéro FSE"), ordering="claim__sheet__fse_number")
    def number(self, reversal: Reversal) -> str:
        return reversal.claim.sheet.fse_number

    @display(description=gettext_lazy("état"), ordering="state", label=COLOURS)
    def badge(self, reversal: Reversal) -> tuple[str, str]:
        return reversal.state, reversal.get_state_display()

    def get_urls(self) -> list[Any]:
        """Asking about a claim, and the two decisions; each writes by POST only."""
        deeds: list[tuple[str, Callable[..., HttpResponse]]] = [
            ("confirmer", self._confirm),
            ("refuser", self._refuse),
        ]
        return [
            path(
                "demander/<uuid:claim_id>/",
                self.admin_site.admin_view(self.ask_view),
                name="payments_reversal_ask",
            ),
            *(
                path(
                    f"<uuid:object_id>/{name}/",
                    self.admin_site.admin_view(require_POST(deed)),
                    name=f"payments_reversal_{name}",
                )
                for name, deed in deeds
            ),
            *super().get_urls(),
        ]

    def ask_view(self, request: HttpRequest, claim_id: UUID) -> HttpResponse:
        """The form of a request, about one claim; POST asks."""
        if not self._is_one_of(request, REVERSING_ROLES):
            raise PermissionDenied
        at = timezone.now()
        claim = read_claim(claim_id=claim_id, by=request.user, at=at)
        if claim is None:
            raise Http404
        refusal: DomainError | None = None
        if request.method == "POST":
            try:
                reversal = services.ask_reversal(
                    claim_id=claim.pk, grounds=_grounds(request), by=request.user, at=at
                )
            except DomainError as error:
                refusal = error
            else:
                messages.success(request, _("Extourne demandée : une autre personne la décide."))
                return redirect(reverse("admin:payments_reversal_change", args=[reversal.pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Extourner une demande"),
            "claim": claim,
            "known": reversal_of(claim),
            "reasons": [
                {"value": value, "label": label} for value, label in Reversal.Reason.choices
            ],
            "given": request.POST,
            "refusal": refusal.text() if refusal else "",
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/payments/reversal_ask.html", context, status=status)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One reversal: why, on which evidence, who, and what may be done now."""
        return self._page(request, object_id)

    def _page(
        self, request: HttpRequest, object_id: Any, refusal: DomainError | None = None
    ) -> HttpResponse:
        reversal = self._found(request, object_id)
        user: Any = request.user
        waits = reversal.state == "REQUESTED"
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(reversal),
            "reversal": reversal,
            "undue": getattr(reversal, "undue", None),
            "sees_debts": can_watch_payments(user),
            "notices": reversal.notices.all(),
            "can_decide": waits and can_confirm_reversal(user, reversal),
            "is_mine": waits and reversal.requested_by_id == user.pk,
            "refusal": refusal.text() if refusal else "",
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/payments/reversal.html", context, status=status)

    def _found(self, request: HttpRequest, object_id: Any) -> Reversal:
        if not self.has_view_permission(request):
            raise PermissionDenied
        reversal = self.get_object(request, str(object_id))
        if reversal is None:
            raise Http404
        return reversal

    def _confirm(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        return self._decide(
            request,
            object_id,
            lambda reversal: services.confirm_reversal(
                reversal_id=reversal.pk, by=request.user, at=timezone.now()
            ),
            _("Extourne confirmée ; l’assuré et le professionnel en sont avisés."),
        )

    def _refuse(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        return self._decide(
            request,
            object_id,
            lambda reversal: services.refuse_reversal(
                reversal_id=reversal.pk,
                reason=request.POST.get("reason", "")[:500],
                by=request.user,
                at=timezone.now(),
            ),
            _("Extourne refusée : la demande reste comme elle était."),
        )

    def _decide(
        self,
        request: HttpRequest,
        object_id: UUID,
        service: Callable[[Reversal], Any],
        sentence: str,
    ) -> HttpResponse:
        reversal = self._found(request, object_id)
        try:
            service(reversal)
        except DomainError as refusal:
            return self._page(request, object_id, refusal)
        messages.success(request, sentence)
        return redirect(reverse("admin:payments_reversal_change", args=[object_id]))


def _grounds(request: HttpRequest) -> services.Grounds:
    """What the form says. The document itself is not kept here: its digest is. Raises EvidenceMissing."""
    given = request.FILES.get("evidence")
    fits = given is not None and given.size is not None and 0 < given.size <= MAX_FILE
    return services.Grounds(
        reason=request.POST.get("reason", ""),
        explanation=request.POST.get("explanation", "").strip()[:500],
        evidence_reference=request.POST.get("evidence_reference", "").strip()[:80],
        evidence_sha256=sha256(given.read()).hexdigest() if given is not None and fits else "",
    )
