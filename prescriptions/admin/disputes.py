"""Hand-overs that an insured person says not to have received: closed with the evidence, or taken back."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.admin.gestures import Gesture
from accounts.admin.office import day_column, said_column
from core.languages import in_readers_letters
from core.numbers import normalise_number
from prescriptions import selectors, services
from prescriptions.admin.reading import ReadAdmin
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
class DispensingAdmin(ReadAdmin):
    """What is disputed now; any other hand-over by the whole number of its prescription."""

    page = "admin/prescriptions/dispensing.html"
    read_action = "prescriptions.dispensing.read"
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

    def whole(self, found: Dispensing) -> Dispensing | None:
        return selectors.dispensing_for_office(found.pk)

    def told(self, request: HttpRequest, dispensing: Dispensing) -> dict[str, Any]:
        """One hand-over: the boxes and its way."""
        return {
            "title": dispensing.prescription.fse_number,
            "dispensing": dispensing,
            "boxes": shown_boxes(dispensing),
            "moves": shown_moves(dispensing),
            "may_reverse": self._is_one_of(request, CORRECTING_ROLES),
        }

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
