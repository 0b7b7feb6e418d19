"""Alerts demoted by use: how often each was shown, followed and overridden, and what a doctor decides."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.admin.gestures import Gesture
from accounts.admin.office import moment_column
from prescriptions import services
from prescriptions.admin.reading import ReadAdmin
from prescriptions.models import SafetyDemotion
from prescriptions.permissions import REVIEWING_ROLES, WATCHING_ROLES
from prescriptions.presenters.office import alert_name, shown_demotion
from prescriptions.presenters.safety import KINDS
from prescriptions.selectors.safety import Tally, last_level_of, tallies_of

COLOURS = {"WAITING": "warning", "KEPT": "info", "RESTORED": "success"}
NEVER = Tally(0, 0, 0, 0)


def _waits(demotion: SafetyDemotion) -> bool:
    return demotion.decision == SafetyDemotion.Decision.WAITING


@admin.register(SafetyDemotion)
class DemotionAdmin(ReadAdmin):
    """The review list; one alert at a time."""

    page = "admin/prescriptions/demotion.html"
    view_roles = REVIEWING_ROLES | WATCHING_ROLES
    list_before_template = "admin/prescriptions/demotions_before.html"
    list_display = ["name", "badge", "said_kind", "shown", "accepted", "overridden", "people", "at"]
    list_display_links = ["name"]
    list_filter = ["decision"]
    search_fields = ["key"]
    ordering = ["-since"]
    at = moment_column("since", _("depuis"))
    gestures = (
        Gesture(
            name="garder",
            title=_("Garder la rétrogradation"),
            sentence=_("L’alerte reste montrée un cran plus bas, à tous les professionnels."),
            roles=REVIEWING_ROLES,
            deed="keep",
            needs_reason=True,
            fits=_waits,
        ),
        Gesture(
            name="retablir",
            title=_("Rétablir l’alerte"),
            sentence=_(
                "Elle interrompt de nouveau comme avant, dès maintenant ; les réponses d’avant ne "
                "comptent plus."
            ),
            roles=REVIEWING_ROLES,
            deed="restore",
            needs_reason=True,
            fits=_waits,
        ),
    )

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The rows of one page, counted together."""
        page = super().get_changelist_instance(request)
        tallies = tallies_of(each.key for each in page.result_list)
        for each in page.result_list:
            each.tally = tallies.get(each.key, NEVER)
        return page

    @display(description=_("alerte"), ordering="key")
    def name(self, demotion: SafetyDemotion) -> str:
        return alert_name(demotion.key)

    @display(description=_("décision"), ordering="decision", label=COLOURS)
    def badge(self, demotion: SafetyDemotion) -> tuple[str, str]:
        return demotion.decision, demotion.get_decision_display()

    @display(description=_("nature"), ordering="kind")
    def said_kind(self, demotion: SafetyDemotion) -> Any:
        return KINDS.get(demotion.kind, demotion.kind)

    @display(description=_("montrée"))
    def shown(self, demotion: Any) -> int:
        return int(demotion.tally.shown)

    @display(description=_("suivie"))
    def accepted(self, demotion: Any) -> int:
        return int(demotion.tally.accepted)

    @display(description=_("outrepassée"))
    def overridden(self, demotion: Any) -> int:
        return int(demotion.tally.overridden)

    @display(description=_("professionnels"))
    def people(self, demotion: Any) -> int:
        return int(demotion.tally.people)

    def told(self, request: HttpRequest, demotion: SafetyDemotion) -> dict[str, Any]:
        """One alert: its counts and the reasons given."""
        tally = tallies_of([demotion.key]).get(demotion.key, NEVER)
        return {
            "title": alert_name(demotion.key),
            "demotion": demotion,
            "alert": shown_demotion(demotion, tally, last_level_of(demotion.key)),
        }

    def keep(self, request: HttpRequest, demotion: SafetyDemotion) -> HttpResponse:
        """The alert stays one step lower."""
        return self._decide(request, demotion, keep=True)

    def restore(self, request: HttpRequest, demotion: SafetyDemotion) -> HttpResponse:
        """The alert is shown again as before."""
        return self._decide(request, demotion, keep=False)

    def _decide(
        self, request: HttpRequest, demotion: SafetyDemotion, *, keep: bool
    ) -> HttpResponse:
        services.decide_demotion(
            demotion=demotion,
            keep=keep,
            reason=request.POST.get("reason", "")[:500],
            by=request.user,
            at=timezone.now(),
        )
        said = gettext("Rétrogradation gardée.") if keep else gettext("Alerte rétablie.")
        messages.success(request, said)
        return redirect(self.page_of(demotion))
