"""Batches: preview and freeze, approval by another, bank file, bank answer, reconciliation."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
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

from accounts.admin.office import (
    OfficeAdmin,
    amount_column,
    day_column,
    masked_field,
    moment_column,
    said_column,
)
from accounts.selectors import names_of
from core.errors import DomainError
from core.transitions import moves_of
from payments import selectors, services
from payments.gateways import MAX_ANSWER_BYTES
from payments.models import PaymentBatch, PaymentDay, PaymentOrder
from payments.permissions import PAYING_ROLES, WATCHING_ROLES, can_approve, can_pay
from payments.selectors.payment_days import payment_day_by
from payments.selectors.reconciliation import reconciliation_of
from payments.states import BatchState

BATCH_COLOURS = {
    "FROZEN": "info",
    "APPROVED": "info",
    "EXPORTED": "warning",
    "SETTLED": "success",
    "PARTLY_SETTLED": "danger",
    "RECONCILED": "success",
}
ORDER_COLOURS = {"PAID": "success", "RETURNED": "danger", "SENT": "warning"}
MAX_SIGNATURE = 2_000
SETTLED = (BatchState.SETTLED, BatchState.PARTLY_SETTLED)


@admin.register(PaymentBatch)
class PaymentBatchAdmin(OfficeAdmin):
    """Batches, and one batch at a time."""

    view_roles = WATCHING_ROLES
    list_display = [
        "number",
        "badge",
        "orders",
        "total",
        "execution",
        "shown_prepared_by",
        "shown_approved_by",
    ]
    shown_prepared_by = said_column("prepared_by", gettext_lazy("préparé par"))
    shown_approved_by = said_column("approved_by", gettext_lazy("approuvé par"))
    list_display_links = ["number"]
    list_filter = ["state"]
    list_select_related = ["prepared_by", "approved_by"]
    search_fields = ["number"]
    ordering = ["-number"]
    list_before_template = "admin/payments/list_before.html"
    total = amount_column("control_sum_centimes", gettext_lazy("somme de contrôle"))
    execution = day_column("execution_date", gettext_lazy("exécution"))

    @display(description=gettext_lazy("état"), ordering="state", label=BATCH_COLOURS)
    def badge(self, batch: PaymentBatch) -> tuple[str, str]:
        return batch.state, batch.get_state_display()

    @display(description=gettext_lazy("virements"), ordering="order_count")
    def orders(self, batch: PaymentBatch) -> int:
        return batch.order_count

    def get_urls(self) -> list[Any]:
        """Freezing, and what may happen to a batch; each writes by POST only."""
        deeds: list[tuple[str, Callable[..., HttpResponse]]] = [
            ("approuver", self._approve),
            ("annuler", self._cancel),
            ("fichier", self._export),
            ("reponse", self._answer),
            ("rapprocher", self._reconcile),
        ]
        return [
            path(
                "geler/",
                self.admin_site.admin_view(self.freeze_view),
                name="payments_paymentbatch_freeze",
            ),
            *(
                path(
                    f"<uuid:batch_id>/{name}/",
                    self.admin_site.admin_view(require_POST(deed)),
                    name=f"payments_paymentbatch_{name}",
                )
                for name, deed in deeds
            ),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {"can_pay": can_pay(request.user), **(extra_context or {})}
        return super().changelist_view(request, extra)

    def freeze_view(self, request: HttpRequest) -> HttpResponse:
        """What a batch frozen now would pay, and leave out; POST freezes it."""
        if not self._is_one_of(request, PAYING_ROLES):
            raise PermissionDenied
        at = timezone.now()
        payment_day = _asked_day(request)
        refusal = ""
        if request.method == "POST":
            try:
                batch = services.freeze_batch(by=request.user, at=at, payment_day=payment_day)
            except DomainError as error:
                refusal = error.text()
            else:
                return self._done(
                    request, batch, _("Bordereau gelé : une autre personne l’approuve.")
                )
        payable = selectors.claims_payable(at, payment_day)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Geler un bordereau"),
            "count": len(payable),
            "total_centimes": sum(claim.reimbursed_centimes for claim in payable),
            "left_out": selectors.claims_left_out(at, payment_day),
            "payment_day": payment_day,
            "refusal": refusal,
        }
        status = 409 if refusal else 200
        return TemplateResponse(request, "admin/payments/freeze.html", context, status=status)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One batch: orders, totals, and what may be done now."""
        return self._page(request, object_id)

    def _page(
        self, request: HttpRequest, batch_id: Any, *, refusal: DomainError | None = None
    ) -> HttpResponse:
        batch = self._batch(request, batch_id)
        user: Any = request.user
        pays = can_pay(user)
        waiting = batch.state in (BatchState.FROZEN, BatchState.APPROVED)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": batch.number,
            "batch": batch,
            "orders": selectors.orders_of(batch),
            "totals": selectors.batch_totals(batch),
            "can_approve": batch.state == BatchState.FROZEN and can_approve(user, batch),
            "is_mine": batch.state == BatchState.FROZEN and batch.prepared_by_id == user.pk,
            "can_cancel": pays and waiting,
            "can_export": pays and batch.state not in (BatchState.FROZEN, BatchState.CANCELLED),
            "can_answer": pays and batch.exported_at is not None,
            "can_reconcile": pays and batch.state in SETTLED,
            "answers": batch.answers.order_by("received_at"),
            "reconciliation": reconciliation_of(batch) if batch.exported_at else (),
            "reconciled": _reconciled(batch),
            "signature_required": not settings.BANK_ANSWERS_MAY_BE_UNSIGNED,
            "refusal": refusal.text() if refusal else "",
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/payments/batch.html", context, status=status)

    def _batch(self, request: HttpRequest, batch_id: Any) -> PaymentBatch:
        if not self.has_view_permission(request):
            raise PermissionDenied
        batch = self.get_object(request, str(batch_id))
        if batch is None:
            raise Http404
        return batch

    def _done(self, request: HttpRequest, batch: PaymentBatch, sentence: str) -> HttpResponse:
        messages.success(request, sentence)
        return redirect(reverse("admin:payments_paymentbatch_change", args=[batch.pk]))

    def _approve(self, request: HttpRequest, batch_id: Any) -> HttpResponse:
        batch = self._batch(request, batch_id)
        try:
            services.approve_batch(batch=batch, by=request.user, at=timezone.now())
        except DomainError as refusal:
            return self._page(request, batch_id, refusal=refusal)
        return self._done(request, batch, _("Bordereau approuvé."))

    def _cancel(self, request: HttpRequest, batch_id: Any) -> HttpResponse:
        batch = self._batch(request, batch_id)
        reason = request.POST.get("reason", "")
        try:
            services.cancel_batch(batch=batch, by=request.user, at=timezone.now(), reason=reason)
        except DomainError as refusal:
            return self._page(request, batch_id, refusal=refusal)
        return self._done(
            request, batch, _("Bordereau annulé ; ses demandes attendent un autre bordereau.")
        )

    def _export(self, request: HttpRequest, batch_id: Any) -> HttpResponse:
        """The bank file, as a download."""
        batch = self._batch(request, batch_id)
        try:
            content = services.export_batch(batch=batch, by=request.user, at=timezone.now())
        except DomainError as refusal:
            return self._page(request, batch_id, refusal=refusal)
        response = HttpResponse(content, content_type="application/xml")
        response["Content-Disposition"] = f'attachment; filename="{batch.number}.xml"'
        return response

    def _answer(self, request: HttpRequest, batch_id: Any) -> HttpResponse:
        """Read the bank's answer file; the same file read twice changes nothing."""
        batch = self._batch(request, batch_id)
        given, proof = request.FILES.get("answer"), request.FILES.get("signature")
        if given is None or given.size is None or given.size > MAX_ANSWER_BYTES:
            messages.error(
                request, _("Choisissez le fichier de réponse de la banque (20 Mo au plus).")
            )
            return redirect(reverse("admin:payments_paymentbatch_change", args=[batch.pk]))
        try:
            answer = services.read_bank_answer(
                content=given.read(),
                signature=proof.read(MAX_SIGNATURE).decode("ascii", "replace") if proof else "",
                by=request.user,
                at=timezone.now(),
                batch_number=batch.number,
            )
        except DomainError as refusal:
            return self._page(request, batch_id, refusal=refusal)
        return self._done(
            request,
            batch,
            _("Réponse lue : %(paid)s payés, %(returned)s rejetés.")
            % {"paid": answer.paid_count, "returned": answer.returned_count},
        )

    def _reconcile(self, request: HttpRequest, batch_id: Any) -> HttpResponse:
        """Close the batch, or show what differs."""
        batch = self._batch(request, batch_id)
        try:
            services.reconcile_batch(batch=batch, by=request.user, at=timezone.now())
        except DomainError as refusal:
            return self._page(request, batch_id, refusal=refusal)
        return self._done(
            request,
            batch,
            _("Bordereau rapproché : la banque, le grand livre et les ordres concordent."),
        )


def _reconciled(batch: PaymentBatch) -> dict[str, Any] | None:
    """When the batch was reconciled and by whom, if it was."""
    for move in moves_of(batch):
        if move.to_state == BatchState.RECONCILED:
            return {"at": move.at, "who": names_of([move.actor]).get(move.actor, move.actor)}
    return None


def _asked_day(request: HttpRequest) -> PaymentDay | None:
    """The day of the calendar a batch is prepared for; another address is not found."""
    asked = request.GET.get("jour", "")
    if not asked:
        return None
    try:
        found = payment_day_by(UUID(asked))
    except ValueError as error:
        raise Http404 from error
    if found is None:
        raise Http404
    return found


@admin.register(PaymentOrder)
class PaymentOrderAdmin(OfficeAdmin):
    """Transfers, account masked: read only."""

    view_roles = WATCHING_ROLES
    sealed = ("rib",)
    list_display = ["reference", "badge", "holder", "masked_rib", "amount", "answered"]
    list_display_links = ["reference"]
    list_filter = ["state"]
    list_select_related = ["batch"]
    search_fields = ["reference", "holder", "batch__number"]
    ordering = ["-reference"]
    fields = ["reference", "batch", "state", "holder", "rib", "amount", "answered", "return_reason"]
    readonly_fields = ["amount", "answered"]
    masked_rib = masked_field("rib", "RIB")
    amount = amount_column("amount_centimes", gettext_lazy("montant"))
    answered = moment_column("answered_at", gettext_lazy("réponse du"))

    @display(description=gettext_lazy("état"), ordering="state", label=ORDER_COLOURS)
    def badge(self, order: PaymentOrder) -> tuple[str, str]:
        return order.state, order.get_state_display()
