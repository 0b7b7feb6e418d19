"""What offline devices sent and a person must decide: held, set aside, in conflict; and what was strange."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.admin.gestures import Gesture, GesturesAdmin
from accounts.admin.office import OfficeAdmin, amount_column, moment_column, said_column
from accounts.models import Role
from providers.permissions import OUTAGE_ROLES
from sync import services
from sync.models import Envelope, Incident
from sync.states import EnvelopeState

WATCHING = OUTAGE_ROLES | {Role.AUDITOR, Role.FRAUD_OFFICER}
TO_DECIDE = (EnvelopeState.HELD, EnvelopeState.CONFLICT, EnvelopeState.QUARANTINED)
COLOURS = {
    "RECEIVED": "info",
    "HELD": "warning",
    "QUARANTINED": "danger",
    "CONFLICT": "danger",
    "APPLIED": "success",
    "RECEIPTED": "success",
    "REJECTED": "info",
}


def waits(envelope: Envelope) -> bool:
    """Tell whether a person may decide of an envelope."""
    return envelope.state in TO_DECIDE


class DecideFilter(admin.SimpleListFilter):
    """What waits for a person, unless all is asked for."""

    title = _("file de travail")
    parameter_name = "file"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("tout", _("Toutes, appliquées comprises"))]

    def choices(self, changelist: Any) -> Any:
        """The same two choices, the work first and by default."""
        for name, label in ((None, gettext("À décider")), *self.lookup_choices):
            asked = {self.parameter_name: name} if name else {}
            yield {
                "selected": self.value() == name,
                "query_string": changelist.get_query_string(asked, [self.parameter_name]),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Envelope]) -> Any:
        return queryset if self.value() else queryset.filter(state__in=TO_DECIDE)


@admin.register(Envelope)
class EnvelopeAdmin(GesturesAdmin):
    """The oldest first; each is applied or refused with a reason, and its device is told."""

    view_roles = WATCHING
    list_display = ["shown_device", "provider", "sequence", "shown_kind", "badge", "why", "came"]
    list_display_links = ["shown_device", "sequence"]
    list_filter = [DecideFilter, "state", "kind"]
    list_select_related = ["device", "device__provider"]
    search_fields = [
        "fse_number",
        "code",
        "device__kid",
        "device__label",
        "device__provider__inpe",
        "device__provider__name",
    ]
    ordering = ["received_at", "id"]
    fields = [
        "shown_state",
        "told",
        "shown_device",
        "provider",
        "sequence",
        "shown_kind",
        "fse_number",
        "charged",
        "signed",
        "between",
        "came",
        "carrier",
        "strange",
    ]
    readonly_fields = fields
    shown_device = said_column("device", _("poste"))
    shown_kind = said_column("kind", _("nature"))
    shown_state = said_column("state", _("état"))
    carrier = said_column("carried_by", _("apportée par"))
    came = moment_column("received_at", _("reçue le"))
    signed = moment_column("signed_at", _("signée vers"))
    charged = amount_column("charged_centimes", _("montant"))
    gestures = (
        Gesture(
            name="appliquer",
            title=_("Appliquer ce document"),
            sentence=_(
                "Vous répondez de ce que le serveur n’a pas pu croire seul : le document est appliqué "
                "maintenant, à sa date, et son poste le saura."
            ),
            roles=OUTAGE_ROLES,
            deed="release",
            needs_reason=True,
            fits=waits,
        ),
        Gesture(
            name="refuser",
            title=_("Refuser ce document"),
            sentence=_(
                "Rien n’en sera payé. Le poste qui l’a signé lira votre motif. On ne revient pas en arrière."
            ),
            roles=OUTAGE_ROLES,
            deed="refuse",
            needs_reason=True,
            is_grave=True,
            fits=waits,
        ),
    )

    @display(description=_("professionnel"), ordering="device__provider__name")
    def provider(self, envelope: Envelope) -> str:
        return str(envelope.device.provider)

    @display(description=_("état"), ordering="state", label=COLOURS)
    def badge(self, envelope: Envelope) -> tuple[str, str]:
        return envelope.state, envelope.get_state_display()

    @display(description=_("pourquoi"), ordering="code")
    def why(self, envelope: Envelope) -> str:
        """The first sentence of what its device was told."""
        return self.told(envelope).split(". ")[0].split("؛")[0]

    @display(description=_("ce qui lui est répondu"))
    def told(self, envelope: Envelope) -> str:
        message = envelope.message or {}
        return str(message.get((translation.get_language() or "fr")[:2], ""))

    @display(description=_("intervalle plausible"))
    def between(self, envelope: Envelope) -> str:
        if envelope.earliest is None or envelope.latest is None:
            return ""
        first, last = timezone.localtime(envelope.earliest), timezone.localtime(envelope.latest)
        return f"{first:%d/%m/%Y %H:%M} – {last:%d/%m/%Y %H:%M}"

    @display(description=_("incidents"))
    def strange(self, envelope: Envelope) -> str:
        seen = envelope.incidents.order_by("at", "id")
        return ", ".join(str(each.get_kind_display()) for each in seen)

    def release(self, request: HttpRequest, envelope: Envelope) -> HttpResponse:
        """Apply a document that a person answers for."""
        self._decide(services.release_envelope, request, envelope)
        return redirect(self.page_of(envelope))

    def refuse(self, request: HttpRequest, envelope: Envelope) -> HttpResponse:
        """Refuse a document, with the reason its user will read."""
        self._decide(services.refuse_envelope, request, envelope)
        return redirect(self.page_of(envelope))

    def _decide(self, service: Any, request: HttpRequest, envelope: Envelope) -> None:
        decided = service(
            envelope=envelope,
            reason=request.POST.get("reason", ""),
            by=request.user,
            at=timezone.now(),
        )
        said = gettext("Décision enregistrée. État : %(state)s.")
        messages.success(request, said % {"state": decided.get_state_display()})


@admin.register(Incident)
class IncidentAdmin(OfficeAdmin):
    """What was strange in what came: read only, the newest first."""

    view_roles = WATCHING
    list_display = ["shown_kind", "shown_device", "provider", "seen"]
    list_filter = ["kind"]
    list_select_related = ["device", "device__provider"]
    search_fields = ["device__kid", "device__label", "device__provider__inpe"]
    ordering = ["-at", "-id"]
    fields = ["shown_kind", "shown_device", "provider", "seen", "facts"]
    readonly_fields = fields
    shown_kind = said_column("kind", _("nature"))
    shown_device = said_column("device", _("poste"))
    seen = moment_column("at", _("vu le"))

    @display(description=_("professionnel"))
    def provider(self, incident: Incident) -> str:
        return str(incident.device.provider)

    @display(description=_("détail"))
    def facts(self, incident: Incident) -> str:
        return " · ".join(f"{name} : {value}" for name, value in incident.detail.items())
