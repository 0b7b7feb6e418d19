"""Hand-overs that an insured person says not to have received: closed with the evidence, or taken back."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.admin.gestures import Gesture, GesturesAdmin
from accounts.admin.office import day_column, said_column
from core import audit
from core.languages import in_readers_letters
from core.numbers import normalise_number
from prescriptions import selectors, services
from prescriptions.models import Dispensing
from prescriptions.permissions import CORRECTING_ROLES, WATCHING_ROLES
from prescriptions.presenters.office import shown_boxes, shown_moves
from prescriptions.states import DISPENSING_MACHINE, DispensingState

COLOURS = {
    "HANDED_OVER": "success",
    "DISPUTED": "warning",
    "AMENDED": "info",
    "REVERSED": "danger",
}


@admin.register(Dispensing)
class DispensingAdmin(GesturesAdmin):
    """What is disputed now; any other hand-over by the whole number of its prescription."""

    view_roles = CORRECTING_ROLES | WATCHING_ROLES
    list_before_template = "admin/prescriptions/disputes_before.html"
    list_display = ["number", "badge", "shown_patient", "shown_pharmacy", "day"]
    list_display_links = ["number"]
    list_select_related = ["prescription__patient", "pharmacy"]
    search_fields = ["prescription__fse_number"]
    search_help_text = _("Numéro entier de l’ordonnance")
    ordering = ["-id"]
    shown_pharmacy = said_column("pharmacy", _("pharmacie"))
    day = day_column("dispensed_on", _("délivrée le"))
    gestures = (
        Gesture(
            name="confirmer",
            title=_("Confirmer la remise"),
            sentence=_(
                "La contestation est close en faveur de la pharmacie. Écrivez la preuve que vous gardez."
            ),
            roles=CORRECTING_ROLES,
            deed="confirm",
            needs_reason=True,
            fits=lambda dispensing: DISPENSING_MACHINE.accepts("confirm", dispensing.state),
        ),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Dispensing], search_term: str
    ) -> tuple[QuerySet[Dispensing], bool]:
        """A whole number, or what is disputed: nobody browses what people were given."""
        number = normalise_number(search_term)
        if number:
            return queryset.filter(prescription__fse_number=number), False
        return queryset.filter(state=DispensingState.DISPUTED), False

    @display(description=_("numéro FSE"), ordering="prescription__fse_number")
    def number(self, dispensing: Dispensing) -> str:
        return dispensing.prescription.fse_number

    @display(description=_("état"), ordering="state", label=COLOURS)
    def badge(self, dispensing: Dispensing) -> tuple[str, str]:
        return dispensing.state, dispensing.get_state_display()

    @display(description=_("bénéficiaire"))
    def shown_patient(self, dispensing: Dispensing) -> str:
        return in_readers_letters(dispensing.prescription.patient)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One hand-over: the boxes, its way, what may be decided. The reading is audited."""
        if not self.has_view_permission(request) or request.method != "GET":
            raise PermissionDenied
        found = self.get_object(request, object_id)
        dispensing = selectors.dispensing_for_office(found.pk) if found else None
        if dispensing is None:
            raise Http404
        audit.record(
            by=request.user,
            at=timezone.now(),
            action="prescriptions.dispensing.read",
            subject=dispensing,
            insured_id=dispensing.insured_id,
        )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": dispensing.prescription.fse_number,
            "dispensing": dispensing,
            "boxes": shown_boxes(dispensing),
            "moves": shown_moves(dispensing),
            "gestures": self.offered(request, dispensing),
            "may_reverse": self._is_one_of(request, CORRECTING_ROLES),
        }
        return TemplateResponse(request, "admin/prescriptions/dispensing.html", context)

    def confirm(self, request: HttpRequest, dispensing: Dispensing) -> HttpResponse:
        """Close the dispute in favour of the pharmacy."""
        services.confirm_dispensing(
            dispensing_id=dispensing.pk,
            reason=request.POST.get("reason", "").strip()[:500],
            by=request.user,
            at=timezone.now(),
        )
        messages.success(request, gettext("Remise confirmée : la contestation est close."))
        return redirect(self.page_of(dispensing))
