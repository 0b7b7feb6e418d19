"""Returned transfers to repair: the work list, a file each, and the two things an officer decides."""

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
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import display

from accounts.admin.office import OfficeAdmin, amount_column, moment_column
from core.errors import DomainError
from core.sealed_fields import masked
from payments import services
from payments.gateways.return_reasons import reason_of
from payments.models import PaymentRepair
from payments.permissions import WATCHING_ROLES, can_pay
from payments.presenters.repairs import shown_repair
from payments.selectors.repairs import UNREPAIRED, repairs_chosen, repairs_visible_to

REPAIR_COLOURS = {
    "OPEN": "warning",
    "WAITING_PAYEE": "danger",
    "RETRYING": "info",
    "REPAIRED": "success",
    "REPLACED": "info",
}
LIST = "admin:payments_paymentrepair_changelist"


class WorkFilter(admin.SimpleListFilter):
    """What is still to repair, unless all is asked for."""

    title = gettext_lazy("file de travail")
    parameter_name = "file"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("tout", _("Tous, réparés compris"))]

    def choices(self, changelist: Any) -> Any:
        """The same two choices, the work first and by default."""
        for name, label in ((None, _("À réparer")), *self.lookup_choices):
            asked = {self.parameter_name: name} if name else {}
            yield {
                "selected": self.value() == name,
                "query_string": changelist.get_query_string(asked, [self.parameter_name]),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[PaymentRepair]) -> Any:
        return queryset if self.value() else queryset.filter(state__in=UNREPAIRED)


@admin.register(PaymentRepair)
class PaymentRepairAdmin(OfficeAdmin):
    """The longest waiting first; several are decided at once from the list."""

    view_roles = WATCHING_ROLES
    list_display = ["reference", "holder", "why", "badge", "waiting", "amount"]
    list_display_links = ["reference"]
    list_filter = [WorkFilter, "state", "code"]
    list_select_related = ["order"]
    search_fields = ["order__reference", "order__holder", "order__batch__number"]
    ordering = ["since", "id"]
    list_before_template = "admin/payments/repairs_before.html"
    waiting = moment_column("since", gettext_lazy("depuis"))

    @display(description=gettext_lazy("virement"), ordering="order__reference")
    def reference(self, repair: PaymentRepair) -> str:
        return repair.order.reference

    @display(description=gettext_lazy("titulaire"), ordering="order__holder")
    def holder(self, repair: PaymentRepair) -> str:
        return repair.order.holder

    @display(description=gettext_lazy("pourquoi"), ordering="code")
    def why(self, repair: PaymentRepair) -> str:
        return f"{repair.code} · {reason_of(repair.code).why}".removeprefix(" · ")

    @display(description=gettext_lazy("état"), ordering="state", label=REPAIR_COLOURS)
    def badge(self, repair: PaymentRepair) -> tuple[str, str]:
        return repair.state, repair.get_state_display()

    @display(description=gettext_lazy("montant"), ordering="order__amount_centimes")
    def amount(self, repair: PaymentRepair) -> Any:
        return amount_column("amount_centimes", "")(self, repair.order)

    def get_urls(self) -> list[Any]:
        """The two decisions, of one file or of several chosen in the list; each by POST only."""
        deeds = [("refaire", services.retry_same_account), ("attendre", services.wait_for_payee)]
        return [
            path(
                f"{name}/",
                self.admin_site.admin_view(self._decision(service)),
                name=f"payments_paymentrepair_{name}",
            )
            for name, service in deeds
        ] + super().get_urls()

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Deciding several files at once, with one reason: a page of its own asks for it."""
        if not can_pay(request.user):
            return {}
        return {"decide": (_chosen, "decide", _("Décider des virements choisis…"))}

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One returned transfer: why, who has the ball, what was paid with it, what followed."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        repair: Any = self.get_object(request, object_id)
        if repair is None:
            raise Http404
        return self._page(request, [repair])

    def _page(
        self,
        request: HttpRequest,
        repairs: list[PaymentRepair],
        *,
        refusal: DomainError | None = None,
    ) -> HttpResponse:
        alone = repairs[0] if len(repairs) == 1 else None
        at = timezone.now()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": alone.order.reference if alone else _("Virements choisis"),
            "repairs": repairs,
            "repair": alone,
            "file": shown_repair(alone, today=timezone.localdate(at)) if alone else None,
            "masked_rib": masked(alone.order.rib) if alone else "",
            "total_centimes": sum(repair.order.amount_centimes for repair in repairs),
            "can_decide": can_pay(request.user)
            and all(repair.state in UNREPAIRED for repair in repairs),
            "refusal": refusal.text() if refusal else "",
        }
        template = "admin/payments/repair.html" if alone else "admin/payments/repairs.html"
        status = refusal.status if refusal else 200
        return TemplateResponse(request, template, context, status=status)

    def _decision(self, service: Callable[..., None]) -> Callable[..., HttpResponse]:
        """A page that decides: done, or the files again with the exact refusal."""

        @require_POST
        def decide(request: HttpRequest) -> HttpResponse:
            if not self.has_view_permission(request):
                raise PermissionDenied
            repairs = repairs_chosen(request.user, _keys(request))
            try:
                service(
                    repairs=repairs,
                    reason=request.POST.get("reason", ""),
                    by=request.user,
                    at=timezone.now(),
                )
            except DomainError as refusal:
                if repairs:
                    return self._page(
                        request, repairs_chosen(request.user, _keys(request)), refusal=refusal
                    )
                messages.error(request, refusal.text())
            else:
                messages.success(request, _("Décision enregistrée."))
            if len(repairs) == 1:
                return redirect(
                    reverse("admin:payments_paymentrepair_change", args=[repairs[0].pk])
                )
            return redirect(reverse(LIST))

        return decide


def _chosen(page: PaymentRepairAdmin, request: HttpRequest, chosen: QuerySet[PaymentRepair]) -> Any:
    """The files ticked in the list, and the reason to give."""
    repairs = list(repairs_visible_to(request.user).filter(id__in=chosen.values("id")))
    return page._page(request, repairs)


def _keys(request: HttpRequest) -> list[UUID]:
    """The files named by a form; what is no key names nothing."""
    keys = []
    for text in request.POST.getlist("repair"):
        try:
            keys.append(UUID(text))
        except ValueError:
            continue
    return keys
