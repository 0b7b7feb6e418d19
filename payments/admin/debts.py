"""Debts: the list, and one file with its plan, its movements and what may be done."""

from collections.abc import Callable
from datetime import date
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

from accounts.admin.office import OfficeAdmin, amount_column, day_column
from claims.selectors import law
from core.errors import DomainError
from core.languages import in_readers_letters
from core.money import parse_decimal
from payments import services
from payments.models import UndueAmount
from payments.permissions import PAYING_ROLES, WATCHING_ROLES, can_give_up, can_pay
from payments.presenters import recoveries as presented
from payments.selectors.recoveries import debts_visible_to

COLOURS = {"OPEN": "danger", "IN_RECOVERY": "warning", "RECOVERED": "success"}
LIVING = ("OPEN", "IN_RECOVERY")


@admin.register(UndueAmount)
class UndueAmountAdmin(OfficeAdmin):
    """What payees must give back; a debt at a time."""

    view_roles = WATCHING_ROLES
    list_display = ["number", "badge", "payee", "amount", "recovered", "left", "since"]
    list_display_links = ["number"]
    list_filter = ["state"]
    search_fields = [
        "claim__sheet__fse_number",
        "provider__inpe",
        "provider__name",
        "insured__registration_number",
    ]
    ordering = ["-opened_at"]
    amount = amount_column("amount_centimes", gettext_lazy("indu"))
    recovered = amount_column("recovered_centimes", gettext_lazy("récupéré"))
    left = amount_column("left_centimes", gettext_lazy("reste"))
    left.admin_order_field = None  # type: ignore[attr-defined]
    since = day_column("opened_at", gettext_lazy("depuis le"))

    def get_queryset(self, request: HttpRequest) -> Any:
        return debts_visible_to(request.user, at=timezone.now())

    @display(description=gettext_lazy("numéro FSE"), ordering="claim__sheet__fse_number")
    def number(self, undue: UndueAmount) -> str:
        return undue.claim.sheet.fse_number

    @display(description=gettext_lazy("état"), ordering="state", label=COLOURS)
    def badge(self, undue: UndueAmount) -> tuple[str, str]:
        return undue.state, undue.get_state_display()

    @display(description=gettext_lazy("doit"))
    def payee(self, undue: UndueAmount) -> str:
        return in_readers_letters(undue.provider or undue.insured)

    def get_urls(self) -> list[Any]:
        """What may be done to a debt; each writes by POST only."""
        deeds: list[tuple[str, Callable[[HttpRequest, UUID], Any]]] = [
            ("plan", _plan),
            ("contester", _contest),
            ("reprendre", _resume),
            ("abandonner", _ask_giving_up),
            ("abandon-confirme", _give_up),
        ]
        return [
            *(
                path(
                    f"<uuid:object_id>/{name}/",
                    self.admin_site.admin_view(require_POST(self._doing(deed))),
                    name=f"payments_undueamount_{name}",
                )
                for name, deed in deeds
            ),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One debt."""
        return self._page(request, object_id)

    def _page(
        self, request: HttpRequest, object_id: Any, refusal: DomainError | None = None
    ) -> HttpResponse:
        undue = self._found(request, object_id)
        user: Any = request.user
        lives = undue.state in LIVING
        kind = undue.payee.kind
        today = timezone.localdate()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(undue),
            "debt": presented.shown_debt(undue),
            "limit_bp": law().at(today).number(f"recoveries.share_max.{kind.lower()}"),
            "given": request.POST,
            "today": today.isoformat(),
            "can_plan": lives and can_pay(user),
            "can_give_up": lives and can_give_up(user, undue),
            "refusal": refusal.text() if refusal else "",
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/payments/debt.html", context, status=status)

    def _found(self, request: HttpRequest, object_id: Any) -> UndueAmount:
        if not self.has_view_permission(request):
            raise PermissionDenied
        undue = self.get_object(request, str(object_id))
        if undue is None:
            raise Http404
        return undue

    def _doing(self, deed: Callable[[HttpRequest, UUID], Any]) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, object_id: UUID) -> HttpResponse:
            if not self._is_one_of(request, PAYING_ROLES):
                raise PermissionDenied
            self._found(request, object_id)
            try:
                deed(request, object_id)
            except DomainError as refusal:
                return self._page(request, object_id, refusal)
            messages.success(request, _("Enregistré."))
            return redirect(reverse("admin:payments_undueamount_change", args=[object_id]))

        return view


def _plan(request: HttpRequest, undue_id: UUID) -> Any:
    return services.agree_plan(
        undue_id=undue_id,
        share_bp=_hundredths(request.POST.get("share", "")),
        fixed_centimes=_hundredths(request.POST.get("fixed", "")),
        first_date=_day(request.POST.get("first_date", "")),
        agreement=request.POST.get("agreement", "")[:120],
        by=request.user,
        at=timezone.now(),
    )


def _contest(request: HttpRequest, undue_id: UUID) -> Any:
    return services.contest_recovery(
        undue_id=undue_id, reason=_reason(request), by=request.user, at=timezone.now()
    )


def _resume(request: HttpRequest, undue_id: UUID) -> Any:
    return services.resume_recovery(
        undue_id=undue_id, reason=_reason(request), by=request.user, at=timezone.now()
    )


def _ask_giving_up(request: HttpRequest, undue_id: UUID) -> Any:
    return services.ask_giving_up(
        undue_id=undue_id, reason=_reason(request), by=request.user, at=timezone.now()
    )


def _give_up(request: HttpRequest, undue_id: UUID) -> Any:
    return services.confirm_giving_up(undue_id=undue_id, by=request.user, at=timezone.now())


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")[:500]


def _hundredths(text: str) -> int | None:
    """A percentage in basis points, or dirhams in centimes; None when left empty. Raises PlanInvalid."""
    written = text.strip().replace(",", ".").replace("\u202f", "").replace(" ", "")
    if not written:
        return None
    try:
        return parse_decimal(written, 2)
    except ValueError as error:
        raise services.PlanInvalid(pointer="/share") from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise services.PlanInvalid(pointer="/first_date") from error
