"""Prescriptions that an officer suspends: found by their number, never browsed."""

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
from accounts.admin.office import moment_column, said_column
from accounts.models import Role
from core.numbers import normalise_number
from prescriptions import selectors, services
from prescriptions.admin.reading import ReadAdmin
from prescriptions.models import Prescription
from prescriptions.permissions import HOLDING_ROLES, WATCHING_ROLES
from prescriptions.presenters.office import shown_lines, shown_moves
from prescriptions.states import PRESCRIPTION_MACHINE, PrescriptionState

COLOURS = {"ON_HOLD": "warning", "CANCELLED": "danger", "EXPIRED": "danger", "COMPLETED": "success"}


def _accepts(command: str) -> Any:
    return lambda prescription: PRESCRIPTION_MACHINE.accepts(command, prescription.state)


@admin.register(Prescription)
class PrescriptionAdmin(ReadAdmin):
    """What is suspended now; any other prescription by its whole number."""

    page = "admin/prescriptions/prescription.html"
    read_action = "prescriptions.prescription.read"
    view_roles = HOLDING_ROLES | WATCHING_ROLES
    list_before_template = "admin/prescriptions/suspensions_before.html"
    list_display = ["fse_number", "badge", "shown_patient", "shown_prescriber", "office", "until"]
    list_select_related = ["patient", "prescriber"]
    search_fields = ["fse_number"]
    search_help_text = _("Numéro entier de l’ordonnance")
    ordering = ["-id"]
    shown_patient = said_column("patient", _("bénéficiaire"))
    shown_prescriber = said_column("prescriber", _("prescripteur"))
    until = moment_column("hold_until", _("suspendue jusqu’au"))
    gestures = (
        Gesture(
            name="suspendre",
            title=_("Suspendre l’ordonnance"),
            sentence=_(
                "Rien n’est plus délivré, au plus pendant le délai de la loi ; une pharmacie qui la tient "
                "la perd tout de suite."
            ),
            roles=HOLDING_ROLES,
            deed="hold",
            needs_reason=True,
            is_grave=True,
            fits=_accepts("hold"),
        ),
        Gesture(
            name="lever",
            title=_("Lever la suspension"),
            sentence=_("L’ordonnance se délivre de nouveau, là où elle en était."),
            roles=HOLDING_ROLES,
            deed="lift",
            needs_reason=True,
            fits=_accepts("lift"),
        ),
        Gesture(
            name="annuler",
            title=_("Annuler ce qui reste"),
            sentence=_("Ce qui n’est pas délivré ne le sera jamais. On ne revient pas en arrière."),
            roles=HOLDING_ROLES,
            deed="confirm",
            needs_reason=True,
            is_grave=True,
            fits=_accepts("confirm_hold"),
        ),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Prescription], search_term: str
    ) -> tuple[QuerySet[Prescription], bool]:
        """A whole number, or what is suspended: nobody browses what people were prescribed."""
        number = normalise_number(search_term)
        if number:
            return queryset.filter(fse_number=number), False
        return queryset.filter(state=PrescriptionState.ON_HOLD), False

    @display(description=_("état"), ordering="state", label=COLOURS)
    def badge(self, prescription: Prescription) -> tuple[str, str]:
        return prescription.state, prescription.get_state_display()

    @display(description=_("suspendue par"), ordering="hold_office")
    def office(self, prescription: Prescription) -> str:
        office = prescription.hold_office
        return str(Role(office).label) if office else ""

    def may_do(self, request: HttpRequest, gesture: Gesture, obj: Any) -> bool:
        """Only the office that suspended ends it."""
        user: Any = request.user
        ours = obj.hold_office in ("", user.role)
        return ours and super().may_do(request, gesture, obj)

    def whole(self, found: Prescription) -> Prescription | None:
        return selectors.prescription_for_office(found.pk)

    def told(self, request: HttpRequest, prescription: Prescription) -> dict[str, Any]:
        """One prescription: its lines and its way."""
        return {
            "title": prescription.fse_number,
            "prescription": prescription,
            "office": self.office(prescription),
            "lines": shown_lines(prescription),
            "moves": shown_moves(prescription),
        }

    def hold(self, request: HttpRequest, prescription: Prescription) -> HttpResponse:
        """Suspend."""
        services.hold_prescription(**_order(request, prescription))
        return self._done(request, prescription, gettext("Ordonnance suspendue."))

    def lift(self, request: HttpRequest, prescription: Prescription) -> HttpResponse:
        """End the hold in favour of the prescription."""
        services.lift_hold(**_order(request, prescription))
        return self._done(request, prescription, gettext("Suspension levée."))

    def confirm(self, request: HttpRequest, prescription: Prescription) -> HttpResponse:
        """End the hold against the prescription."""
        services.confirm_hold(**_order(request, prescription))
        return self._done(request, prescription, gettext("Le reste de l’ordonnance est annulé."))

    def _done(self, request: HttpRequest, prescription: Prescription, said: str) -> HttpResponse:
        messages.success(request, said)
        return redirect(self.page_of(prescription))


def _order(request: HttpRequest, prescription: Prescription) -> dict[str, Any]:
    return {
        "fse_number": prescription.fse_number,
        "instance": prescription.instance,
        "reason": request.POST.get("reason", "").strip()[:500],
        "by": request.user,
        "at": timezone.now(),
    }
