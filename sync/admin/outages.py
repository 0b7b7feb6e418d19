"""The calendar of outages: declared and ended here; limits of the zone follow by themselves."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.admin.gestures import Gesture, GesturesAdmin
from accounts.admin.office import moment_column
from accounts.models import OFFICE_ROLES
from core.languages import in_readers_letters
from providers.models import Outage
from providers.permissions import OUTAGE_ROLES
from providers.services import declare_outage, end_outage


def moment_input() -> UnfoldAdminTextInputWidget:
    """The browser's own choice of a day and an hour, in the reader's direction."""
    return UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"})


class OutageForm(forms.ModelForm):  # type: ignore[type-arg]
    """A zone and a window; the end may stay open."""

    since = forms.DateTimeField(label=_("début"), widget=moment_input())
    until = forms.DateTimeField(label=_("fin"), widget=moment_input(), required=False)

    class Meta:
        model = Outage
        fields = ("territory", "since", "until", "reason")

    def clean(self) -> dict[str, Any]:
        """An outage began before now, and ends after it began."""
        entry = super().clean() or {}
        since, until = entry.get("since"), entry.get("until")
        if since and since > timezone.now():
            self.add_error("since", gettext("Le début n’est pas dans le futur."))
        if since and until and until <= since:
            self.add_error("until", gettext("La fin doit suivre le début."))
        return entry


@admin.register(Outage)
class OutageAdmin(GesturesAdmin):
    """The latest first; the whole country without a zone."""

    view_roles = OFFICE_ROLES
    add_roles = OUTAGE_ROLES
    form = OutageForm
    list_display = ["code", "zone", "began", "ended", "reason"]
    list_select_related = ["territory"]
    search_fields = ["code", "reason", "territory__name_fr", "territory__name_ar"]
    ordering = ["-since", "-id"]
    fields = ["territory", "since", "until", "reason"]
    autocomplete_fields = ["territory"]
    began = moment_column("since", _("début"))
    ended = moment_column("until", _("fin"))
    gestures = (
        Gesture(
            name="terminer",
            title=_("Dire que la panne est finie"),
            sentence=_(
                "La fin est maintenant. Les délais qui tombaient pendant la panne sont prolongés "
                "d’eux-mêmes."
            ),
            roles=OUTAGE_ROLES,
            deed="end",
            fits=lambda outage: outage.until is None,
        ),
    )

    @display(description=_("zone"), ordering="territory__name_fr")
    def zone(self, outage: Outage) -> str:
        if outage.territory is None:
            return gettext("tout le pays")
        return in_readers_letters(outage.territory)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Declare by the service; what was declared is not edited, it is ended."""
        made = declare_outage(**form.cleaned_data, by=request.user, at=timezone.now())
        obj.pk, obj.code, obj.declared_at = made.pk, made.code, made.declared_at

    def end(self, request: HttpRequest, outage: Outage) -> HttpResponse:
        """Say that an outage is over, now."""
        at = timezone.now()
        end_outage(outage=outage, until=at, by=request.user, at=at)
        messages.success(request, gettext("Fin de panne enregistrée."))
        return redirect(self.page_of(outage))
