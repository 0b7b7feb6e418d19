"""Changes of account in the back office: the work list, one file with its timeline, the decisions."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import display

from accounts.admin.office import (
    OfficeAdmin,
    day_column,
    masked_field,
    moment_column,
    said_column,
)
from core.errors import DomainError
from core.transitions import moves_of
from payments import services
from payments.admin.accounts import payee_name
from payments.forms import PayeeAccountForm, add_refusal
from payments.models import AccountChange
from payments.permissions import EDITING_ROLES, can_edit_accounts
from payments.presenters.accounts import stages_of_change
from payments.selectors.accounts import CHANGE_READERS, account_on, notices_of
from payments.states import ChangeState as C

CHANGE_COLOURS = {
    "REQUESTED": "info",
    "COOLING": "info",
    "CONTESTED": "warning",
    "APPLIED": "success",
    "REFUSED": "danger",
}
CONFIRMED, REFUSED, CONTESTED, RESUMED = "confirmer", "refuser", "contester", "reprendre"


class WaitingFilter(admin.SimpleListFilter):
    """The work list: what waits for an agent, and what waits for the clock."""

    title = gettext_lazy("file de travail")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("contested", _("Contestés, à décider")),
            ("second", _("À confirmer par un second agent")),
            ("cooling", _("Délai de sécurité")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        queues = {
            "contested": Q(state=C.CONTESTED),
            "second": Q(state=C.REQUESTED) & ~Q(document_reference=""),
            "cooling": Q(state=C.COOLING),
        }
        return queryset.filter(queues.get(self.value() or "", Q()))


@admin.register(AccountChange)
class AccountChangeAdmin(OfficeAdmin):
    """Changes of account; the number is masked for everybody."""

    view_roles = CHANGE_READERS
    list_display = ["payee", "badge", "masked_rib", "asked", "shown_asked_by", "opens"]
    list_display_links = ["payee"]
    list_filter = [WaitingFilter, "state"]
    list_select_related = ["insured", "provider", "asked_by"]
    search_fields = ["insured__registration_number", "provider__inpe", "provider__name"]
    ordering = ["-asked_at"]
    list_before_template = "admin/payments/changes_before.html"
    masked_rib = masked_field("rib", gettext_lazy("nouveau RIB"))
    asked = moment_column("asked_at", gettext_lazy("demandé le"))
    shown_asked_by = said_column("asked_by", gettext_lazy("demandé par"))
    opens = day_column("opens_on", gettext_lazy("prend effet le"))

    @display(description=gettext_lazy("bénéficiaire"))
    def payee(self, change: AccountChange) -> str:
        return payee_name(change)

    @display(description=gettext_lazy("état"), ordering="state", label=CHANGE_COLOURS)
    def badge(self, change: AccountChange) -> tuple[str, str]:
        return change.state, change.get_state_display()

    def get_urls(self) -> list[Any]:
        """Asking for a payee, and the four decisions, each by POST only."""
        deeds = {
            CONFIRMED: services.confirm_change,
            REFUSED: services.refuse_change,
            CONTESTED: services.contest_change,
            RESUMED: services.resume_change,
        }
        return [
            path(
                "demander/",
                self.admin_site.admin_view(self.ask_view),
                name="payments_accountchange_ask",
            ),
            *(
                path(
                    f"<uuid:change_id>/{name}/",
                    self.admin_site.admin_view(self._deciding(name, service)),
                    name=f"payments_accountchange_{name}",
                )
                for name, service in deeds.items()
            ),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {"can_ask": can_edit_accounts(request.user), **(extra_context or {})}
        return super().changelist_view(request, extra)

    def ask_view(self, request: HttpRequest) -> HttpResponse:
        """An agent asks for a payee who came with the papers; another agent confirms."""
        if not self._is_one_of(request, EDITING_ROLES):
            raise PermissionDenied
        form = PayeeAccountForm(request.POST or None)
        status = 422 if form.is_bound else 200
        if form.is_valid():
            user: Any = request.user
            try:
                change = services.request_change(**form.cleaned_data, by=user, at=timezone.now())
            except DomainError as refusal:
                status = refusal.status
                if not add_refusal(form, refusal):
                    form.add_error(None, refusal.text())
            else:
                return self._done(
                    request, change, _("Demande enregistrée : un autre agent confirme.")
                )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Changer le compte d’un bénéficiaire"),
            "form": form,
        }
        template = "admin/payments/change_new.html"
        return TemplateResponse(request, template, context, status=status)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One file: what is asked, by whom, on which proof, what was told, what may be decided."""
        return self._file(request, object_id)

    def _file(
        self, request: HttpRequest, change_id: Any, *, refusal: DomainError | None = None
    ) -> HttpResponse:
        change = self._change(request, change_id)
        moves = moves_of(change)
        present = account_on(change.payee, timezone.localdate())
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "is_fullwidth": "1",
            "title": payee_name(change),
            "change": change,
            "payee": payee_name(change),
            "present": present,
            "stages": stages_of_change(change, moves),
            "notices": notices_of(change),
            "decisions": _decisions(change, request.user),
            "refusal": refusal.text() if refusal else "",
            "reason": request.POST.get("reason", ""),
        }
        template = "admin/payments/change.html"
        status = refusal.status if refusal else 200
        return TemplateResponse(request, template, context, status=status)

    def _change(self, request: HttpRequest, change_id: Any) -> AccountChange:
        if not self.has_view_permission(request):
            raise PermissionDenied
        change = self.get_object(request, str(change_id))
        if change is None:
            raise Http404
        return change

    def _done(self, request: HttpRequest, change: AccountChange, sentence: str) -> HttpResponse:
        messages.success(request, sentence)
        return redirect(reverse("admin:payments_accountchange_change", args=[change.pk]))

    def _deciding(self, name: str, service: Callable[..., Any]) -> Callable[..., HttpResponse]:
        """A page that takes one decision: done, or the file again with the exact refusal."""

        @require_POST
        def decide(request: HttpRequest, change_id: Any) -> HttpResponse:
            if not self._is_one_of(request, EDITING_ROLES):
                raise PermissionDenied
            change = self._change(request, change_id)
            given = {} if name == CONFIRMED else {"reason": request.POST.get("reason", "")}
            try:
                service(change=change, by=request.user, at=timezone.now(), **given)
            except DomainError as refusal:
                return self._file(request, change_id, refusal=refusal)
            return self._done(request, change, _("Décision enregistrée."))

        return decide


def _decisions(change: AccountChange, user: Any) -> dict[str, Any]:
    """What this person may decide on this change now; `waits` when another agent must."""
    if not can_edit_accounts(user):
        return {}
    took_part = user.pk in (change.asked_by_id, change.confirmed_by_id)
    by_agent = bool(change.document_reference)
    return {
        "confirm": change.state == C.REQUESTED and by_agent and user.pk != change.asked_by_id,
        "contest": change.state == C.COOLING,
        "refuse": change.state in (C.REQUESTED, C.COOLING)
        or (change.state == C.CONTESTED and not took_part),
        "resume": change.state == C.CONTESTED and not took_part,
        "waits": took_part and (change.state == C.CONTESTED or change.state == C.REQUESTED),
    }
